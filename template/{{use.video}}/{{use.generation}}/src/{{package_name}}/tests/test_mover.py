"""The classifier of motions: it goes by how a clip moves, not by what it shows."""

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from ..datamodule import DataModule
from ..mover import Mover


def test_motions_over_other_photographs_are_named(data: DataModule) -> None:
    train, val = data.splits["train"], data.splits["val"]
    few = slice(None, None, 4)
    mover = Mover(estimator=DecisionTreeClassifier(random_state=0), size=train.x.shape[1:])
    mover.fit(train.x[few].flatten(1).numpy(), train.y[few].numpy())
    right = mover.predict(val.x.flatten(1).numpy()) == val.y.numpy()
    assert right.mean() > 0.8
    still = val.x[:, :, :1].expand_as(val.x).flatten(1).numpy()
    assert np.mean(mover.predict(still) == data.classes.index("still")) > 0.95
