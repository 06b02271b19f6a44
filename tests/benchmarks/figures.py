"""Figures as they are printed: each beside what it must be and what is aimed at."""

import statistics
from dataclasses import dataclass


@dataclass
class Figure:
    """One row. `unit` is written behind the numbers; `least` says that more is better."""

    name: str
    value: float
    must: float
    aim: float
    unit: str = ""
    least: bool = True
    remark: str = ""

    @property
    def verdict(self):
        def holds(wanted):
            return self.value >= wanted if self.least else self.value <= wanted

        return "aim" if holds(self.aim) else "must" if holds(self.must) else "**not held**"

    def row(self):
        numbers = (
            f"{number:,.0f}{self.unit}" if number >= 100 else f"{number:.3g}{self.unit}"
            for number in (self.value, self.must, self.aim)
        )
        return f"| {self.name} | {' | '.join(numbers)} | {self.verdict} | {self.remark} |"


HEAD = "| figure | now | must | aim | held | of |\n|---|---|---|---|---|---|"


def table(figures):
    return "\n".join([HEAD, *(figure.row() for figure in figures)])


def ratio(own, other):
    """The median of the ratios of rounds that were measured in turn."""
    return statistics.median(a / b for a, b in zip(own, other, strict=True))


def rates(own, other):
    """The median of the ratios of two loads' rates, and in words what they come from."""
    median = statistics.median
    words = (
        f"{median(load.rate for load in own):,.0f} of {median(load.rate for load in other):,.0f}"
        f" a second; {median(load.processor for load in own):.2f} to"
        f" {median(load.processor for load in other):.2f} ms of the processor"
    )
    return ratio([load.rate for load in own], [load.rate for load in other]), words
