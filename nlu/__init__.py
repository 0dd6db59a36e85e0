"""French intent classification: corpus, encoder, training, calibration, evaluation, registry.

The package knows nothing of trials, of HTTP or of one territory: labels, utterances and the
label that means "out of scope" come from the corpus it is given.
"""
