"""Evaluate: test a checkpoint again, from the checkpoint alone: `uv run evaluate ckpt_path=...`."""

from .commands import run

USAGE = """
usage: evaluate ckpt_path=runs/.../checkpoints/best.ckpt [run_dir=FOLDER] [key=value ...]

Measure the checkpoint's weights, and the baseline, on the test split, and write a report.
The checkpoint carries its config; key=value changes it, for example trainer.accelerator=cpu
data.batch_size=100. The report goes to a new folder evaluate-<time> beside the checkpoint's, or to
run_dir.
"""


def main() -> None:
    """Read the command line; torch is imported only once it makes sense."""

    def job(own: dict[str, str], overrides: list[str]) -> None:
        from .training.experiment import evaluate

        evaluate(own["ckpt_path"], own.get("run_dir"), overrides)

    run(USAGE, ("ckpt_path", "run_dir"), job)


if __name__ == "__main__":
    main()
