"""Files that come with a form go straight to where imports are kept, as those that are sent to the API do."""

from collections.abc import AsyncGenerator, Callable
from typing import BinaryIO, Final, cast

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from onebook.operations.imports_spool import Landing

MOST_FILES: Final = 4


class Uploads(MultiPartParser):
    """Starlette's parser of forms, but for its place for files, which is the system's for temporary ones."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], *, landing: Callable[[], Landing], max_fields: int
    ) -> None:
        """Args: ``landing`` makes a place for a file."""
        super().__init__(headers, stream, max_files=MOST_FILES, max_fields=max_fields)
        self._landing = landing
        self._landings: list[Landing] = []

    def on_headers_finished(self) -> None:
        """Have the next part written to a place of ours, if it is a file."""
        super().on_headers_finished()
        upload = self._current_part.file
        if upload is not None:
            upload.file.close()
            self._landings.append(self._landing())
            upload.file = cast("BinaryIO", Arriving(self._landings[-1]))

    def drop(self) -> None:
        """Leave nothing of files that nobody has taken."""
        for landing in self._landings:
            landing.drop()


class Arriving:
    """What the parser asks of a file: it writes, and goes back to its beginning, which we need not."""

    def __init__(self, landing: Landing) -> None:
        self.landing = landing

    def write(self, data: bytes) -> int:
        """Add some."""
        self.landing.write([data])
        return len(data)

    def seek(self, place: int) -> int:
        """Stay, as it is read by its path."""
        return place

    def close(self) -> None:
        """Leave it to whoever drops them all."""
