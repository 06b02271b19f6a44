import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time

import pytest
import redis
from django.conf import settings

from home.page_cache import generation
from home.page_cache.generation import FileGeneration, RedisGeneration


class OneMachineTests:
    def test_another_process_is_heard_at_once(self, tmp_path):
        counter = FileGeneration(tmp_path / "generation")
        before = counter.current()
        script = (
            "import sys; from pathlib import Path; import django.conf;"
            "from home.page_cache.generation import FileGeneration;"
            "c = FileGeneration(Path(sys.argv[1]));"
            "[c.bump() for _ in range(100)]"
        )
        others = [
            subprocess.Popen(
                [sys.executable, "-c", script, tmp_path / "generation"], cwd=settings.BASE_DIR
            )
            for _ in range(2)
        ]
        assert [other.wait() for other in others] == [0, 0]
        assert counter.current() == before + 200

    def test_who_is_killed_between_a_change_and_its_bump_is_bumped_for(self, tmp_path):
        counter = FileGeneration(tmp_path / "generation")
        before = counter.current()
        script = (
            "import os, signal, sys; from pathlib import Path; import django.conf;"
            "from home.page_cache.generation import FileGeneration;"
            "FileGeneration(Path(sys.argv[1])).begin_change();"
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        command = [sys.executable, "-c", script, tmp_path / "generation"]
        subprocess.run(command, cwd=settings.BASE_DIR, check=False)
        assert counter.bump_for_dead_processes()
        assert counter.current() == before + 1
        assert not counter.bump_for_dead_processes()
        assert counter.current() == before + 1

    def test_who_lives_bumps_for_itself(self, tmp_path):
        counter, other = (FileGeneration(tmp_path / "generation") for _ in range(2))
        before = counter.current()
        counter.begin_change()
        other.bump_for_dead_processes()
        assert other.current() == before
        counter.bump()
        other.bump_for_dead_processes()
        assert other.current() == before + 1

    def test_who_begins_does_not_wait_for_who_buries(self, tmp_path, monkeypatch):
        """They are threads of one process, of which the second waits for the first."""
        generation = FileGeneration(tmp_path / "generation")
        make, taken = tempfile.mkstemp, []

        def make_and_lose(**options):
            marker, name = make(**options)
            if not taken:
                taken.append(os.open(name, os.O_RDWR))
                fcntl.flock(taken[0], fcntl.LOCK_EX)
            return marker, name

        monkeypatch.setattr(tempfile, "mkstemp", make_and_lose)
        beginning = threading.Thread(target=generation.begin_change, daemon=True)
        beginning.start()
        beginning.join(timeout=20)
        assert not beginning.is_alive()
        os.close(taken[0])

    def test_a_bump_that_fails_is_logged_and_the_change_stands(self, monkeypatch, caplog):
        monkeypatch.setattr(generation, "shared", lambda: 1 / 0)
        generation.bump()
        assert "could not be forgotten" in caplog.text


@pytest.mark.redis
class SeveralMachinesTests:
    @pytest.fixture
    def machines(self):
        address = settings.CACHES["default"]["LOCATION"]
        return [RedisGeneration(redis.Redis.from_url(address)) for _ in range(2)]

    def test_another_machine_is_heard_within_a_second(self, machines):
        here, there = machines
        before = here.current()
        assert there.current() == before
        there.bump()
        assert self.soon(lambda: here.current() == there.current() == before + 1, 1)

    def test_who_is_killed_between_a_change_and_its_bump_is_bumped_for(self, machines):
        here, there = machines
        before = here.current()
        script = (
            "import os, redis, signal, sys; import django.conf;"
            "from home.page_cache.generation import RedisGeneration;"
            "RedisGeneration(redis.Redis.from_url(sys.argv[1])).begin_change();"
            "os.kill(os.getpid(), signal.SIGKILL)"
        )
        command = [sys.executable, "-c", script, settings.CACHES["default"]["LOCATION"]]
        subprocess.run(command, cwd=settings.BASE_DIR, check=False)
        assert self.soon(lambda: (there.bump_for_dead_processes(), here.current() > before)[1], 5)
        after = here.current()
        there.bump_for_dead_processes()
        assert not self.soon(lambda: here.current() > after, 1)

    def test_who_lives_bumps_for_itself(self, machines):
        here, there = machines
        before = here.current()
        here.begin_change()
        assert not self.soon(
            lambda: (there.bump_for_dead_processes(), here.current() > before)[1], here.lease + 1
        )
        here.bump()
        assert not self.soon(
            lambda: (there.bump_for_dead_processes(), here.current() > before + 1)[1],
            here.lease + 1,
        )

    def test_what_redis_could_not_be_told_it_is_told_when_it_is_back(self, machines, monkeypatch):
        here, there = machines
        before = there.current()
        here.begin_change()
        with monkeypatch.context() as away:
            away.setattr(here, "_client", redis.Redis.from_url("redis://127.0.0.1:1/0"))
            with pytest.raises(redis.ConnectionError):
                here.bump()
            assert here.current() is None
        assert self.soon(lambda: here.current() == there.current() == before + 1, 2)

    def soon(self, is_so, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(0.05)
        return False


class DeafRedisTests:
    def test_without_redis_nobody_knows_the_number(self):
        counter = RedisGeneration(redis.Redis.from_url("redis://127.0.0.1:1/0"))
        assert counter.current() is None
