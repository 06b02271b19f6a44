import socket

import pytest
from django.core.management import CommandError, call_command


class PortTests:
    def test_a_port_in_use_is_named_and_another_is_proposed(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(CommandError, match=rf"Port {port} .* PORT={port + 1}"):
                call_command("serve", port=port)
