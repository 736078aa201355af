"""The quality of new molecules, against sets that are known beforehand."""

from ..quality import quality
from ..smiles import encode
from ..tokens import pad


def test_valid_unique_and_novel_are_counted() -> None:
    train = pad([encode("CCO"), encode("N[C@@H](C)C(=O)O")])
    made = ["CCO", "OCC", "CCN", "C1CC", "N[C@H](C)C(=O)O", "CCN"]
    found = quality({"model": pad([encode(smiles) for smiles in made])}, train)
    assert found["model/valid"] == 5 / 6  # one ring stays open
    assert found["model/unique"] == 3 / 5  # ethanol, ethylamine, alanine
    assert found["model/novel"] == 1 / 3  # a mirror image is not new
