"""Which engine serves a folder on this machine."""

import importlib.util
from pathlib import Path
from typing import Literal

from nlu.errors import InputError
from nlu.inference.engine import Engine
from nlu.inference.serving_artifact import SERVING_FILE

Device = Literal["auto", "cpu", "cuda"]
CLASSIFIER_FILE = "classifier.json"


def prefers_torch(device: Device = "auto") -> bool:
    """True when this machine should serve the trained network on a GPU.

    Parameters
    ----------
    device : str
        ``auto`` looks for a GPU, which imports torch only where a driver is there.
    """
    if device != "auto":
        return device == "cuda"
    has_driver = Path("/proc/driver/nvidia").exists() or Path("/dev/nvidia0").exists()
    if not has_driver or importlib.util.find_spec("torch") is None:
        return False
    import torch

    return torch.cuda.is_available()


def choose_engine(
    folder: str | Path, device: Device = "auto", *, threads: int | None = None
) -> Engine:
    """ONNX Runtime for a serving folder, torch for a classifier folder.

    Parameters
    ----------
    folder : str or Path
        Serving folder (``pouce nlu export``) or classifier folder (``pouce nlu train``).
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    threads : int, optional
        Threads of ONNX Runtime; the processors of this process when omitted.

    Raises
    ------
    InputError
        A folder that is neither, a damaged one, or ``cuda`` asked for where it cannot be had.
    """
    place = Path(folder)
    if (place / SERVING_FILE).is_file():
        if device == "cuda":
            raise InputError(
                f"{place} is a serving folder for the processor: give the classifier folder, or "
                "choose device auto or cpu"
            )
        from nlu.inference.onnx_engine import OnnxEngine

        return OnnxEngine.load(place, threads=threads)
    if (place / CLASSIFIER_FILE).is_file():
        from nlu.encoder.precision import Hardware, choose_hardware
        from nlu.inference.torch_engine import TorchEngine

        hardware = choose_hardware()
        if device == "cuda" and hardware.device != "cuda":
            raise InputError("device cuda: torch sees no GPU; choose auto or cpu")
        if device == "cpu":
            hardware = Hardware(device="cpu", precision="fp32", name="cpu")
        return TorchEngine.load(place, hardware=None if device == "auto" else hardware)
    raise InputError(f"{place}: neither a serving folder nor a classifier folder")
