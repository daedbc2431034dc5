"""An import with `update` gives memories the tags and entities of the file, also none."""

from __future__ import annotations

import pytest

from memoryos import MemoryOS

pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")


def test_an_import_restores_the_tags_of_the_file(tmp_path):
    file = str(tmp_path / "out.jsonl")
    with MemoryOS.local(str(tmp_path / "m.db"), embedder="none") as memory:
        bare = memory.memories.create("no tags", tier="long", metadata={"a": 1})
        tagged = memory.memories.create("tags", tier="long", metadata={"tags": ["saved"]})
        memory.memories.export(file)
        memory.memories.update(bare["id"], metadata={"tags": ["later"], "entities": ["x"]})
        memory.memories.update(tagged["id"], metadata={"tags": ["later"]})
        assert memory.memories.import_(file, on_conflict="update").updated == 2
        assert memory.memories.get(bare["id"])["metadata"] == {
            "a": 1,
            "tags": [],
            "entities": [],
        }
        assert memory.memories.get(tagged["id"])["metadata"] == {"tags": ["saved"]}
        assert memory.memories.import_(file, on_conflict="update").skipped == 2


def test_an_update_by_the_command_line_and_by_the_sdk_keeps_the_tags(tmp_path, capsys):
    from memoryos._cli.main import main

    path = str(tmp_path / "m.db")
    with MemoryOS.local(path, embedder="none") as memory:
        made = memory.memories.create("text", tier="long", metadata={"tags": ["user:ada"]})
        after = memory.memories.update(made["id"], metadata={"note": 1})
        assert after["metadata"] == {"note": 1, "tags": ["user:ada"]}
    arguments = ["update", made["id"], "--local", "--data", path, "--json"]
    assert main([*arguments, "--metadata", '{"note": 2}']) == 0
    assert '"user:ada"' in capsys.readouterr().out
    assert main([*arguments, "--metadata", '{"tags": []}']) == 0
    assert "user:ada" not in capsys.readouterr().out
