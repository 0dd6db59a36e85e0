import typer
from sqlalchemy import text
from typer.testing import CliRunner

from nudge.cli.audit import audit_command

app = typer.Typer()
app.command()(audit_command)


def run(*arguments):
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_intact_store_says_so_and_leaves_with_0(store, store_url, add_rows, make_checks):
    add_rows(store, make_checks(30))
    status, said = run("--store", store_url, "--campaign", "bacs")
    assert status == 0
    assert "Entrepôt intact : 1 événement, 30 relevés." in said
    head = said.split()[-1]
    assert run("--store", store_url, "--empreinte", head)[0] == 0
    assert run("--store", store_url, "--empreinte", "0" * 64)[0] == 1


def test_problems_are_listed_and_leave_with_1(store, store_url, add_rows, make_checks):
    add_rows(store, make_checks(30))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE obs_controle_bac SET rang = 2 WHERE rang = 1 "
                                "AND controle_id IN ('c3', 'c4')"))  # fmt: skip
    status, said = run("--store", store_url)
    assert status == 1
    assert "non intact : 2 problèmes (1 événement, 30 relevés)" in said
    assert "controle_id c3 : ligne modifiée" in said
    assert "controle_id c4 : ligne modifiée" in said


def test_an_unknown_campaign_or_store_is_a_user_error(store, store_url, tmp_path):
    assert run("--store", store_url, "--campaign", "absente")[0] == 2
    assert run("--store", f"sqlite:///{tmp_path}/non/pouce.db")[0] == 2
