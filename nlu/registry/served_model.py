"""The MLflow model that wraps an artefact folder (logged as code, nothing is pickled)."""

from typing import Any

import mlflow
import pandas as pd

ARTIFACT_KEY = "classifier"


class ServedClassifier(mlflow.pyfunc.PythonModel):  # type: ignore[name-defined,misc]
    """``predict`` takes a frame with a column ``text`` and returns one row a message."""

    def load_context(self, context: Any) -> None:
        """Load the artefact folder once."""
        from nlu.classifier.intent_classifier import IntentClassifier

        self._classifier = IntentClassifier.load(context.artifacts[ARTIFACT_KEY])

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Columns ``text, intent, confidence, decision, reason, out_of_scope, truncated``."""
        predictions = self._classifier.predict(model_input["text"].astype(str).tolist())
        rows = [prediction.to_dict() for prediction in predictions]
        return pd.DataFrame(rows).drop(columns="ranking")


mlflow.models.set_model(ServedClassifier())
