"""What carries "do the next batch" to whoever is free. The batch rows are the truth, not the engine."""

from newsletter.sending.engines.engine import Engine, Progress
from newsletter.sending.enqueue import require_procrastinate


def make_worker(
    engine: str, *, threads: int, once: bool = False, on_progress: Progress = lambda _: None
) -> Engine:
    """What sends whatever is due in any mailing until it is stopped; `once`: until nothing is due.

    Raises Invalid when the engine cannot work here.
    """
    if engine == "procrastinate":
        require_procrastinate()
        from newsletter.sending.engines.procrastinate import ProcrastinateWorker

        return ProcrastinateWorker(threads=threads, once=once, on_progress=on_progress)
    from newsletter.sending.engines.local_worker import LocalWorker

    return LocalWorker(threads=threads, once=once, on_progress=on_progress)
