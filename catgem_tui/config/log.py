"""Where programs write what happened: one rotating file each, readable by its user alone."""

import logging
import os
import sys
from logging.handlers import RotatingFileHandler

from catgem_tui.config import paths

LARGEST = 2_000_000
"""Bytes of one file."""
KEPT = 3
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


class Brief(logging.Formatter):
    """For a screen: what happened, without the traceback, which the file has."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None}))


def start(program: str, *, aloud: bool = False) -> None:
    """Log into the program's file, and ``aloud`` to standard error too. A disk that takes no log stops nobody."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False
    logging.captureWarnings(True)
    # Each request and its address would be logged by these.
    for chatty in ("httpx", "httpcore", "websockets", "mail.log", "alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    file = paths.log_file(program)
    handlers: list[logging.Handler] = []
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        handlers.append(RotatingFileHandler(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8"))
    except OSError:
        handlers.append(logging.NullHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter(FORMAT))
    if aloud:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(Brief(FORMAT))
    for handler in handlers:
        root.addHandler(handler)
