"""A file larger than UPLOAD_MAX_BYTES is turned away at the door: neither the memory nor the disk ever holds it."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

# The other fields of the form, and the lines between them.
FORM_FIELDS = 1024 * 1024
# What is a little too large is read to its end, so that its sender sees the answer. What is far too large is not.
READ_TO_THE_END = 10


class LimitedUploadHandler(FileUploadHandler):
    """Stands first among the upload handlers. Forms ask `was_too_large(request)` and say so in a sentence."""

    is_too_large = False
    is_far_too_large = False

    def handle_raw_input(  # the names are Django’s
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        most = settings.UPLOAD_MAX_BYTES
        self.is_too_large = content_length > most + FORM_FIELDS
        self.is_far_too_large = content_length > most * READ_TO_THE_END

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.is_too_large:
            # Fields that stand before the file have been read: the mark against forgery is one of them.
            self.request.upload_was_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=self.is_far_too_large)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was turned away. Known once the body has been read."""
    return bool(getattr(request, "upload_was_too_large", False))
