"""How sources are fetched, and requests to other servers are made."""

from pydantic import Field
from pydantic_settings import BaseSettings

from newsletter.setting_types import (
    NameServer,
    Words,
)


class FetchingSettings(BaseSettings):
    """Settings of fetching."""

    fetch_contact: str = Field(
        "",
        description=(
            "Contact address or page that we give to the sites from which we fetch articles (in the user agent). If "
            "empty, we give the base URL."
        ),
    )
    fetch_interval_minutes: int = Field(60, ge=1, le=10_080, description="How often we fetch each source.")
    fetch_allow_hosts: Words = Field(
        (),
        description="Hosts on private networks that we can connect to, separated by commas.",
    )
    fetch_timeout_seconds: float = Field(
        30.0, gt=0, le=600, description="Maximum time for fetching one source, with all its pages."
    )
    fetch_cpu_seconds: float = Field(
        5.0,
        gt=0,
        le=600,
        description="Maximum processor time for reading one source, and also for cleaning up its articles.",
    )
    fetch_max_bytes: int = Field(
        40_000_000,
        ge=1_000,
        description="Maximum size of one source in bytes, with all its pages and after decompression.",
    )
    fetch_max_pages: int = Field(
        20,
        ge=1,
        le=1_000,
        description="Maximum number of pages to read from one source in one fetch. If this is 1, we read only the "
        "first page.",
    )
    webhook_timeout_seconds: float = Field(
        15.0,
        gt=0,
        le=120,
        description="Maximum time for one post to your webhook. After this time, we try again later.",
    )
    fetch_concurrency: int = Field(8, ge=1, le=64, description="Number of sources to fetch at the same time.")
    check_links: bool = Field(
        True,
        description="Whether we open the links and pictures of an issue before it is approved. Choose `no` if "
        "this server cannot reach the web.",
    )
    doi_resolver: str = Field(
        "https://doi.org/",
        description="Where we look up the details of a reference by its DOI. Leave this empty if this server "
        "cannot reach the web, or must not tell others which references you add.",
    )
    dns_server: NameServer = Field(
        "",
        description="DNS server for `newsletter doctor`, such as `9.9.9.9` or `127.0.0.1:5353`. If "
        "empty, this machine’s DNS server is used.",
    )
