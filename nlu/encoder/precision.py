"""Device and number format, chosen from what the machine does fast."""

from dataclasses import dataclass
from typing import Literal

import torch

Precision = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """Where and in which format matrices are multiplied.

    Attributes
    ----------
    device : str
        ``cuda`` or ``cpu``.
    precision : str
        ``fp32``, ``bf16`` or ``fp16`` (autocast; weights stay float32).
    name : str
        Device name for reports.
    """

    device: str
    precision: str
    name: str


def choose_hardware(precision: Precision = "auto") -> Hardware:
    """GPU when there is one; bfloat16 where the processor multiplies it natively.

    On a CPU without AVX512-BF16 or AMX, bfloat16 is emulated and slower than float32, so
    ``auto`` picks it only where the instructions exist.
    """
    if torch.cuda.is_available():
        chosen = "bf16" if torch.cuda.is_bf16_supported() else "fp16"
        name = torch.cuda.get_device_name(0)
        device = "cuda"
    else:
        native = any(
            getattr(torch.cpu, probe, bool)()
            for probe in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        )
        chosen = "bf16" if native else "fp32"
        name = f"CPU, {torch.get_num_threads()} threads"
        device = "cpu"
    if precision != "auto":
        chosen = precision
    return Hardware(device=device, precision=chosen, name=name)


def autocast(hardware: Hardware) -> torch.autocast:
    """Context in which the network runs in the chosen format."""
    dtype = torch.float16 if hardware.precision == "fp16" else torch.bfloat16
    return torch.autocast(hardware.device, dtype=dtype, enabled=hardware.precision != "fp32")
