"""Serving a classifier: export at promotion, engines, micro-batching and hot reload.

``serving_artifact`` is the folder that serves and ``onnx_export`` makes it; ``onnx_engine`` and
``torch_engine`` run it behind one ``Engine``; ``micro_batching`` shares an engine between
requests; ``hot_reload`` follows the version that is promoted. Nothing here imports torch to serve
on a processor.
"""
