"""Where the real sites lie when they are there: beside the repository, never in it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "articles" / "samples"
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"
AZURE = CORPUS / "azure-2021-08-29.tar.xz"
POWERAPPS = CORPUS / "powerapps-2021-06-03.tar.xz"
REPLAY = CORPUS / "replay-powerapps-2020-2021.tar.xz"
SEED = SHARED / "seed"

needs_corpus = pytest.mark.skipif(not AZURE.exists(), reason="../shared/corpus is not there")
needs_seed = pytest.mark.skipif(not SEED.exists(), reason="../shared/seed is not there")
