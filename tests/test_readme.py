"""The README's blocks run as they stand."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.main import get_command

from allocate.card import shipped
from allocate.cli.app import app
from allocate.solving import solve
from allocate.study.change import apply
from allocate.study.scenario_file import read_scenario
from allocate.tables import read
from helpers.cases import CommandLine

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_commands_name_what_exists() -> None:
    """Every make target and every scenario that a command names exists."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([\w-]+)", "\n".join(blocks("sh")), re.MULTILINE):
        assert f"\n{target}: " in makefile
    known = {
        path.stem
        for model in ("homecare", "beds", "lots")
        for path in shipped("scenarios", model).glob("*.toml")
    }
    listed = set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    assert listed == known


def test_commands_and_options_exist() -> None:
    """Every command that the page shows, in a block or in a line, is one, with these options."""
    known = get_command(app)
    shown = [line for block in blocks("sh") for line in block.splitlines()]
    shown += re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", README, flags=re.M | re.S))
    lines = [" ".join(line.split()) for line in shown if line.startswith("allocate ")]
    assert len(lines) > 40
    for line in lines:
        command, words = known, shlex.split(line, comments=True)[1:]
        while hasattr(command, "commands") and words:
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {
            option for given in command.params for option in given.opts + given.secondary_opts
        }
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


@pytest.mark.parametrize("number", range(len(blocks("toml"))))
def test_scenarios_can_be_asked(number: int, tmp_path: Path) -> None:
    """Each scenario shown is understood, and its changes can be made."""
    path = tmp_path / "question.toml"
    path.write_text(blocks("toml")[number], encoding="utf-8")
    question = read_scenario(path)
    apply(read(question.case, question.model), question.changes, question.name)


def test_python_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lines of Python answer the example."""
    shutil.copytree(ROOT / "models", tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.slow
def test_tutorial_changes_the_answer(tmp_path: Path) -> None:
    """The demo appoints the lead that the tutorial takes away; the tutorial's answer does not."""
    name, scenario = "H09", blocks("toml")[0]
    path = tmp_path / "h09_declines.toml"
    path.write_text(scenario, encoding="utf-8")
    limits = {"seconds": 60.0, "gap": 0.02}
    before = solve("leads_hand_back", **limits).tables["leads"]
    after = solve(path, **limits).tables["leads"]
    assert name in set(before["provider_id"])
    assert name not in set(after["provider_id"])
    assert len(after) == 6


@pytest.mark.slow
def test_four_commands_lead_from_an_extract_to_its_reasons(
    allocate: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The four commands run as they stand, each answered; the plan passed its review."""
    block = next(found for found in blocks("sh") if "allocate import" in found)
    commands = [shlex.split(line) for line in block.splitlines()]
    assert [words[0] for words in commands] == ["allocate"] * 4
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    told = []
    for words in commands:
        run = allocate(*words[1:])
        assert run.code == 0, run.err
        told.append(run.out)
    assert "Waiting: 130 people" in told[0]
    assert "LOOK AT THIS" in told[1]
    assert "The plan itself passed an independent check." in told[2]
    assert "What of its own figures decides most" in told[3]
