"""Models that convert pictures to vectors of length 1, so that distances are between 0 and 2 with every model."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from lightly_studio_serve.embedder import ImagePILEmbedder
from lightly_studio_serve.types import EmbeddingResult, EmbeddingSpaceSpec
from numpy.typing import NDArray
from PIL import Image

from .failure import Failure, Terminated
from .store import Store, recall, remember

CODE = "STUDIO_MODEL_UNAVAILABLE"
FILES = {"pe": "PE-Core-T16-384.pt", "mobileclip": "mobileclip_s0.pt"}
SHORT_SIDE = 8


class UnitLength(ImagePILEmbedder):
    """Wraps an embedder: checks its results, and scales its vectors to length 1."""

    def __init__(self, name: str, inner: Any) -> None:
        self.name, self.inner = name, inner
        self.dimension = self.embedding_space_spec().dimension

    def embedding_space_spec(self) -> EmbeddingSpaceSpec:
        spec: EmbeddingSpaceSpec = self.inner.embedding_space_spec()
        return spec

    def embed_images_pil(self, images: list[Image.Image]) -> EmbeddingResult:
        try:
            result = self.inner.embed_images_pil(images)
            kept = [int(index) for index in result.kept_indices]
            rows = np.asarray(result.embeddings, np.float32)
        except (Terminated, KeyboardInterrupt):
            raise
        except (Exception, SystemExit) as error:
            raise Failure(CODE, f"The embedder {self.name} failed: {type(error).__name__}: {error}") from error
        if len(set(kept)) < len(kept) or not set(kept) <= set(range(len(images))):
            raise Failure(CODE, f"The embedder {self.name} kept pictures that it was not given, or one of them twice.")
        if kept and (rows.shape != (len(kept), self.dimension) or not np.isfinite(rows).all()):
            expected = f"{len(kept)} rows of {self.dimension} finite numbers"
            raise Failure(
                CODE, f"The embedder {self.name} returned an array of shape {rows.shape}, and not {expected}."
            )
        scale = np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
        return EmbeddingResult(embeddings=rows / scale, kept_indices=kept)


class Grid:
    """Mean colors on an 8 x 8 grid, without a model: for tests."""

    def embedding_space_spec(self) -> EmbeddingSpaceSpec:
        return EmbeddingSpaceSpec(space_key="select-frames-grid", dimension=SHORT_SIDE * SHORT_SIDE * 3)

    def embed_images_pil(self, images: list[Image.Image]) -> EmbeddingResult:
        rows = np.stack([self.describe(image) for image in images])
        return EmbeddingResult(embeddings=rows, kept_indices=list(range(len(images))))

    def describe(self, image: Image.Image) -> NDArray[np.float32]:
        lab = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2LAB)
        small = cv2.resize(lab, (SHORT_SIDE, SHORT_SIDE), interpolation=cv2.INTER_AREA)
        return small.astype(np.float32).reshape(-1) - 128


def make_embedder(name: str, weights: str | None, store: Store, folder: str) -> UnitLength:
    try:
        if name == "grid":
            return UnitLength(name, Grid())
        if name in FILES:
            prepare_weights(FILES[name], weights, store)
        if name == "pe":
            from lightly_studio.embed.perception_encoder_embedder import PerceptionEncoderEmbedder

            return UnitLength(name, PerceptionEncoderEmbedder())
        if name == "mobileclip":
            from lightly_studio.embed.mobileclip_embedder import MobileCLIPEmbedder

            return UnitLength(name, MobileCLIPEmbedder())
        return UnitLength(name, own_embedder(name, store, folder))
    except (Failure, Terminated, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        advice = "Put its weights into a folder of your bucket, and name that." if name in FILES else "Check the file."
        if isinstance(error, ImportError):
            advice = "Install what is missing beside LightlyStudio."
        raise Failure(
            CODE, f"The embedder {name} can't be loaded: {type(error).__name__}: {error}. {advice}"
        ) from error


def prepare_weights(file: str, weights: str | None, store: Store) -> None:
    """Puts a model file into the cache of LightlyStudio, which downloads only files that are not in it."""
    from lightly_studio.dataset.env import LIGHTLY_STUDIO_MODEL_CACHE_DIR

    target = Path(LIGHTLY_STUDIO_MODEL_CACHE_DIR) / file
    if weights is None or (target.exists() and recall(str(target)) is None):
        return  # It is a part of the image of the instance.
    uri = f"{weights}/{file}"
    there = store.version(uri, CODE)
    if there is None or not target.exists() or recall(str(target)) != there.version:
        target.parent.mkdir(parents=True, exist_ok=True)
        remember(str(target), store.download(uri, str(target), CODE))


def own_embedder(name: str, store: Store, folder: str) -> Any:
    path = name
    if name.startswith("s3://"):
        path = os.path.join(folder, "embedder.py")
        store.download(name, path, CODE)
    spec = importlib.util.spec_from_file_location("own_embedder", path)
    if spec is None or spec.loader is None:
        raise Failure(CODE, f"The embedder {name} is neither pe, mobileclip nor grid, nor a Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Embedder()
