"""The fixture of tests whose mailings are posted to a mail server."""

from pytest import fixture

from tests.fakes.smtp import FakeSmtp


@fixture
def smtp_server(settings, home):
    """A mail server to which every mailing is posted that is planned from now on."""
    # Plugins are imported before Django is set up.
    from newsletter.sending.transports import _set_up

    with FakeSmtp() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "transport": "smtp",
                "smtp_host": "127.0.0.1",
                "smtp_port": running.port,
                "smtp_security": "none",
            }
        )
        yield running
        _set_up("smtp", settings.NEWSLETTER).close()
