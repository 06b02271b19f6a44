"""Processes that write to the index, on one machine and on two, and are killed at any moment."""

import os

import pytest

from tests import databases
from tests.search.writers import Machines, together

KILLS = 4


class KilledWriterTests:
    @pytest.mark.sqlite
    def test_nothing_is_lost_on_one_machine(self, tmp_path):
        assert together(Machines(tmp_path), KILLS, writers=("web", "publisher"))

    @pytest.mark.postgres
    def test_nothing_is_lost_on_two_machines(self, tmp_path):
        name = f"daybook_writers_{os.getpid()}"
        with databases.own_postgres(os.environ["DATABASE_URL"], name) as address:
            assert together(Machines(tmp_path, address, 2), KILLS, writers=("web", "publisher"))
