from pytest_django import Settings

from communities import links


def test_a_link_is_for_one_purpose_one_record_and_one_generation() -> None:
    tokens = {
        links.token_for(links.ACTION, 1),
        links.token_for(links.ACTION, 2),
        links.token_for(links.REPLY, 1),
        links.token_for(links.ACTION, 1, generation=2),
    }
    assert len(tokens) == 4


def test_a_link_can_be_made_again_and_holds_256_bits() -> None:
    token = links.token_for(links.ACTION, 1)
    assert token == links.token_for(links.ACTION, 1)
    assert len(token) == 43


def test_a_link_hangs_on_this_installations_key(settings: Settings) -> None:
    before = links.token_for(links.ACTION, 1)
    settings.SECRET_KEY = "another key " * 5
    assert links.token_for(links.ACTION, 1) != before


def test_the_address_is_complete(settings: Settings) -> None:
    settings.BASE_URL = "https://portal.example/"
    assert links.address(links.ACTION, "abc") == "https://portal.example/x/abc/"


def test_what_a_row_keeps_is_not_the_token_and_stands_any_characters() -> None:
    assert "abc" not in links.hash_of("abc")
    assert len(links.hash_of("\udc80")) == 64
