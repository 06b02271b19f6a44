from tests.benchmarks.figures import Figure, ratio, table


class FigureTests:
    def test_each_says_whether_it_holds(self):
        more = [Figure("", value, 0.5, 0.8).verdict for value in (0.4, 0.5, 0.8)]
        less = [Figure("", value, 12, 5, least=False).verdict for value in (13, 12, 5)]
        assert more == less == ["**not held**", "must", "aim"]

    def test_a_table_has_a_row_for_each(self):
        rows = table([Figure("first list", 120.4, 400, 150, " ms", False, "7 rounds")]).split("\n")
        assert rows[-1] == "| first list | 120 ms | 400 ms | 150 ms | aim | 7 rounds |"
        assert rows[0].count("|") == rows[-1].count("|")

    def test_numbers_are_read_without_a_power_of_ten(self):
        figure = Figure("lines", 14_404, 13_500, 12_500, least=False)
        assert figure.row() == "| lines | 14,404 | 13,500 | 12,500 | **not held** |  |"

    def test_a_ratio_is_the_median_of_the_rounds(self):
        assert ratio([1, 8, 3], [2, 2, 2]) == 1.5
