"""Format results as JUnit XML, for continuous integration. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from .results import Finding, Results

__all__ = ["as_junit"]


def as_junit(results: Results, *, strict: bool) -> str:
    """Return the results as JUnit XML: one suite per operation, one case per check.

    Args:
        results: Results of the run.
        strict: Report differences from assumed parts of the contract as failures.
    """
    root = ET.Element("testsuites", name="memoryos contract-test")
    for operation in results.operations:
        findings = [each for each in results.findings if each.operation == operation]
        suite = ET.SubElement(root, "testsuite", name=operation, tests=str(len(findings)))
        failures = [_junit_case(suite, each, strict=strict) for each in findings]
        suite.set("failures", str(sum(failures)))
        suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
        suite.set("errors", "0")
    return str(ET.tostring(root, encoding="unicode", xml_declaration=True)) + "\n"


def _junit_case(suite: ET.Element, finding: Finding, *, strict: bool) -> bool:
    case = ET.SubElement(
        suite,
        "testcase",
        name=finding.check,
        classname=finding.operation,
        time=f"{finding.seconds:.3f}",
    )
    failed = finding.verdict == "failed" or (strict and finding.verdict == "assumed")
    if failed:
        failure = ET.SubElement(case, "failure", message=_xml_text(finding.message))
        failure.text = _xml_text(f"{finding.description}\n{finding.request}")
    elif finding.verdict == "skipped":
        ET.SubElement(case, "skipped", message=_xml_text(finding.message))
    elif finding.verdict == "assumed":
        ET.SubElement(case, "system-out").text = _xml_text("assumed: " + finding.message)
    return failed


def _xml_text(text: str) -> str:
    """Replace characters that XML doesn't allow."""
    return "".join(each if each >= " " or each in "\t\n" else "\ufffd" for each in text)
