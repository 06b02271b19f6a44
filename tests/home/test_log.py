import io
import logging

import pytest
from django.db import OperationalError

from home import log
from home.log import SparingHandler


class Clock:
    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(log, "time", clock)
    return clock


@pytest.fixture
def handler():
    handler = SparingHandler()
    handler.setFormatter(logging.Formatter("{levelname} {name}: {message}", style="{"))
    handler.stream = io.StringIO()
    return handler


@pytest.fixture
def logger(handler):
    logger = logging.Logger("django.request")
    logger.addHandler(handler)
    return logger


def lines(handler):
    written = handler.stream.getvalue().splitlines()
    handler.stream.seek(0)
    handler.stream.truncate()
    return written


def fail(logger, path, error):
    try:
        raise error
    except Exception as raised:
        logger.error("%s: %s", "Internal Server Error", path, exc_info=raised)


class SparingHandlerTests:
    def test_a_state_is_written_when_it_begins_each_minute_and_when_it_ends(
        self, clock, handler, logger
    ):
        for second in range(150):
            clock.now = 1000 + second
            for request in range(10):
                fail(logger, f"/{second}/{request}", OperationalError("connection refused"))
            handler.look()
        begun, *rest = [line for line in lines(handler) if line[:1] not in " T" and "d" in line]
        assert begun == "ERROR django.request: Internal Server Error: /0/0"
        assert rest == [
            "django.db.utils.OperationalError: connection refused",
            "ERROR django.request: It goes on, 601 times in 60 s: Internal Server Error: /60/0",
            "ERROR django.request: It goes on, 1201 times in 120 s: Internal Server Error: /120/0",
        ]
        clock.now += 61
        handler.look()
        assert lines(handler) == [
            "WARNING home.log: It is over, 1500 times in 149 s: Internal Server Error: /0/0"
        ]

    def test_another_fault_meanwhile_is_written(self, clock, handler, logger):
        fail(logger, "/a", OperationalError("connection refused"))
        fail(logger, "/b", OperationalError("connection refused"))
        fail(logger, "/b", ValueError("not a number"))
        written = lines(handler)
        assert sum("Internal Server Error" in line for line in written) == 2
        assert "ValueError: not a number" in written

    def test_what_came_once_has_no_end(self, clock, handler, logger):
        fail(logger, "/a", ValueError())
        lines(handler)
        clock.now += 61
        handler.look()
        assert lines(handler) == []

    def test_messages_that_are_not_of_requests_are_told_apart_by_their_words(
        self, clock, handler, logger
    ):
        logger.name = "blog.schedule.publisher"
        for title in ("One", "Two", "One"):
            logger.error("Could not publish “%s”", title)
        assert len(lines(handler)) == 2

    def test_it_keeps_no_more_than_a_few_hundred_states(self, clock, handler, logger):
        for number in range(2 * log.LIMIT):
            fail(logger, "/", ValueError(number))
        assert sum("Internal" in line for line in lines(handler)) == log.LIMIT + 1

    def test_a_message_that_cannot_be_written_stops_nobody(self, handler, logger, monkeypatch):
        monkeypatch.setattr(logging, "raiseExceptions", False)
        logger.name = "blog"
        logger.error("%d", "not a number")
