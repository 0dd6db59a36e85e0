"""Writing a portfolio: its page and its tables."""

from collections.abc import Sequence
from pathlib import Path

from nudge.analysis.result import CampaignResult
from nudge.portfolio.page import portfolio_sections, render_portfolio
from nudge.report.document import Table
from nudge.report.report_folder import table_csv, write_whole

PAGE, TABLES = "portefeuille.html", "tableaux"


def write_portfolio(results: Sequence[CampaignResult], folder: Path) -> tuple[Path, ...]:
    """Write the page and a CSV of each table, and return the files.

    Raises
    ------
    CampaignError
        A file cannot be written.
    """
    sections = portfolio_sections(results)
    page = render_portfolio(results, sections)
    contents = {folder / PAGE: page.encode()}
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Table):
                contents[folder / TABLES / f"{block.key}.csv"] = table_csv(block).encode()
    for path, content in contents.items():
        write_whole(path, content)
    return tuple(contents)
