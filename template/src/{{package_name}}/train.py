"""Train: `uv run train`, or `python -m <package>.train`.

Settings follow as key=value; --help shows them.
"""

from .config import launch


def main() -> None:
    """Compose the config, then train.

    torch is imported only once the config is known to be right.
    """

    def job(cfg):
        from .training.experiment import train

        train(cfg)

    launch(job)


if __name__ == "__main__":
    main()
