"""A write says which version of a record it was made from, so that nobody overwrites what they have not read.

A reader gets the version as `ETag: "3"` (`etag(record.version)`); a writer sends it back as `If-Match: "3"`
(`expected_version(request)`) and the service is given it as `version=`. Where the record has moved on meanwhile the
service raises a `Stale` (cop_portal.refusals), which a page shows as a 409 and the API answers as a 412.
"""

import re

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.request import Request

LARGEST = 2**31 - 1
# For the reference: `@extend_schema(parameters=[IF_MATCH], …)` on every write that asks for a version.
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the version you read. 428 without it, 412 when that is no longer the version.",
)
ONE_VERSION = re.compile(r'"([1-9][0-9]{0,9})"')


class VersionMissing(exceptions.APIException):
    """A write that does not say what it was made from."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = (
        'Say which version you read: send the ETag you were given back as If-Match, for example If-Match: "3".'
    )
    default_code = "if_match_missing"


class VersionMalformed(exceptions.APIException):
    """An If-Match that is not one of our versions."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = (
        'If-Match must be one version in quotation marks, as it was given in ETag, for example If-Match: "3".'
    )
    default_code = "if_match_malformed"


def expected_version(request: Request) -> int:
    """The version that the writer had read. Refuses with 428 where If-Match is missing, 400 where it is no version."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionMissing
    found = ONE_VERSION.fullmatch(given)
    if found is None or int(found[1]) > LARGEST:
        raise VersionMalformed
    return int(found[1])


def etag(version: int) -> str:
    """A version as the value of the ETag header."""
    return f'"{version}"'
