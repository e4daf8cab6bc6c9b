"""Runs ministack with the one part of "Object Created" that it leaves out: which version of the object was made."""

import json
from contextvars import ContextVar

from ministack.app import main
from ministack.services import eventbridge, s3

version = ContextVar("version", default=None)
fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event


def fire_with_version(*args, version_id=None, **kwargs):
    version.set(version_id)
    fire(*args, version_id=version_id, **kwargs)


def dispatch_with_version(event, *args):
    version_id = version.get()
    if event["Source"] == "aws.s3" and version_id:
        detail = json.loads(event["Detail"])
        detail["object"].setdefault("version-id", version_id)
        event = {**event, "Detail": json.dumps(detail)}
    dispatch(event, *args)


s3._fire_s3_event, eventbridge._dispatch_event = fire_with_version, dispatch_with_version
main()
