"""The watch over the network inside transactions sees what it should, and nothing else."""

import socket
import ssl
from threading import Thread

import pytest
from django.db import connections, transaction

from tests.network_in_transactions import NetworkInTransactionError


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def shake_hands(open_socket):
    context = ssl.create_default_context()
    with context.wrap_socket(
        open_socket, server_hostname="localhost", do_handshake_on_connect=False
    ) as wrapped:
        wrapped.do_handshake()


USES = {
    "connect": lambda there, _: socket.create_connection(there.getsockname()),
    "look up": lambda there, _: socket.getaddrinfo("localhost", 80),
    "send": lambda there, open_socket: open_socket.send(b"x"),
    "send all": lambda there, open_socket: open_socket.sendall(b"x"),
    "receive": lambda there, open_socket: open_socket.recv(1),
    "receive into": lambda there, open_socket: open_socket.recv_into(bytearray(1)),
    "shake hands by TLS": lambda there, open_socket: shake_hands(open_socket),
}


@pytest.mark.django_db
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_socket_used_inside_a_transaction_is_seen(watchman, listening, use):
    with (
        socket.create_connection(listening.getsockname()) as open_socket,
        transaction.atomic(),
        pytest.raises(NetworkInTransactionError),
    ):
        use(listening, open_socket)
    assert len(watchman.uses) == 1
    watchman.uses.clear()


@pytest.mark.django_db(transaction=True)
def test_what_caught_the_fault_does_not_hide_it(watchman, listening):
    try:
        with transaction.atomic():
            socket.create_connection(listening.getsockname())
    except AssertionError:
        pass
    assert watchman.uses[0].startswith("getaddrinfo inside a transaction:")
    watchman.uses.clear()


@pytest.mark.django_db
def test_the_wrapping_of_a_test_is_no_transaction_of_the_product(watchman, listening):
    with socket.create_connection(listening.getsockname()) as open_socket:
        open_socket.sendall(b"x")
    assert watchman.uses == []


@pytest.mark.django_db
def test_another_thread_may_use_the_network_meanwhile(watchman, listening):
    def use():
        with socket.create_connection(listening.getsockname()) as open_socket:
            open_socket.sendall(b"x")

    with transaction.atomic():
        other = Thread(target=use)
        other.start()
        other.join(timeout=30)
    assert watchman.uses == []


@pytest.mark.django_db
def test_a_thread_with_the_connection_of_another_is_in_no_transaction_of_its_own(watchman, listening):
    connection, used = connections["default"], []

    def use():
        connections["default"] = connection
        used.append(socket.create_connection(listening.getsockname()))

    connection.inc_thread_sharing()
    try:
        with transaction.atomic():
            thread = Thread(target=use)
            thread.start()
            thread.join()
    finally:
        connection.dec_thread_sharing()
    used[0].close()
    assert watchman.uses == []
