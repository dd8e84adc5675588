def test_an_unknown_command_is_wrong_use(cli):
    result = cli("bogus")
    assert result.code == 2
    assert "bogus" in result.err


def test_init_can_be_repeated(cli, home):
    assert cli("init").code == 0
    again = cli("init", "--json")
    assert again.code == 0
    assert str(home) in again.out
