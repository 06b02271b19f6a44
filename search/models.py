from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

# Of a query that is counted, as an index of PostgreSQL holds no long ones.
LONGEST_COUNTED = 200


class Synonym(index.Indexed, models.Model):
    """Words that mean the same: who searches for one finds the others too."""

    words = models.CharField(
        _("words"),
        max_length=500,
        unique=True,
        help_text=_(
            "Words or phrases with commas between them, for example: NHS, National Health Service"
        ),
    )

    panels = [FieldPanel("words")]
    search_fields = [index.SearchField("words"), index.AutocompleteField("words")]

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = ["words"]

    def __str__(self):
        return self.words

    @property
    def forms(self):
        return [form.strip() for form in self.words.split(",") if form.strip()]

    def clean(self):
        if len(self.forms) < 2:
            raise ValidationError({"words": _("Write at least two words, with a comma between.")})


class SearchedDay(models.Model):
    """How often a query was asked on a day, and what came of it. Nothing tells who asked."""

    query = models.CharField(_("query"), max_length=LONGEST_COUNTED)
    day = models.DateField(_("day"), db_index=True)
    searches = models.PositiveIntegerField(_("searches"), default=0)
    without_result = models.PositiveIntegerField(_("without a result"), default=0)

    class Meta:
        verbose_name = _("day of a query")
        verbose_name_plural = _("days of queries")
        constraints = [
            models.UniqueConstraint(fields=["query", "day"], name="search_searchedday_unique")
        ]

    def __str__(self):
        return f"{self.query} ({self.day})"


class ChangedSearch(models.Model):
    """That readers who had asked for one thing then asked for another."""

    query = models.CharField(_("query"), max_length=LONGEST_COUNTED)
    then = models.CharField(_("then"), max_length=LONGEST_COUNTED)
    day = models.DateField(_("day"), db_index=True)
    times = models.PositiveIntegerField(_("times"), default=0)

    class Meta:
        verbose_name = _("changed search")
        verbose_name_plural = _("changed searches")
        constraints = [
            models.UniqueConstraint(
                fields=["query", "then", "day"], name="search_changedsearch_unique"
            )
        ]

    def __str__(self):
        return f"{self.query} → {self.then}"


class SearchChange(models.Model):
    """
    That a page may read otherwise now, for every machine's copy of the index to take in.

    Written in the transaction that changes the page; `search.engine.outbox` gives the numbers.
    """

    page = models.BigIntegerField(_("page"))
    number = models.BigIntegerField(_("number"), null=True, db_index=True)

    def __str__(self):
        return f"{self.number}: {self.page}"


class SearchSequence(models.Model):
    """The outbox's name, its last number, and up to which number it was pruned: one row."""

    key = models.CharField(_("key"), max_length=32)
    last = models.BigIntegerField(_("last number"), default=0)
    pruned = models.BigIntegerField(_("pruned up to"), default=0)

    def __str__(self):
        return f"{self.key}: {self.last}"


class SearchMachine(models.Model):
    """A copy of the index, and up to which number it has taken in the changes."""

    name = models.CharField(_("name"), max_length=32, unique=True)
    number = models.BigIntegerField(_("number"), default=0)
    seen_at = models.DateTimeField(_("last heard of"))

    def __str__(self):
        return f"{self.name}: {self.number}"
