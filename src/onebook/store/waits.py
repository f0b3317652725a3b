"""What a writer's transactions waited for: counted once a transaction, so that a request pays nothing."""

from onebook.model.figure import NUMBERS, Figure, Histogram, counter, histogram


class Waits:
    """Counts transactions; only the thread that writes adds."""

    def __init__(self) -> None:
        self.queue_seconds = Histogram()
        self.begin_seconds = Histogram()
        self.commit_seconds = Histogram()
        self.works = Histogram(NUMBERS)
        self.failed = 0

    def figures(self) -> list[Figure]:
        """The counts, to be shown."""
        return [
            histogram(
                "onebook_write_queue_seconds", "Time that the first work of each commit waited.", self.queue_seconds
            ),
            histogram("onebook_database_wait_seconds", "Time to begin a writing transaction.", self.begin_seconds),
            histogram("onebook_commit_seconds", "Time that a commit took.", self.commit_seconds),
            histogram("onebook_commit_works", "Works that shared a commit.", self.works),
            counter("onebook_commits_failed", "Transactions that the database did not take.", self.failed),
        ]
