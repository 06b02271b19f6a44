"""Form fields for the dates and times that editors type."""

import datetime as dt
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import widgets
from wagtail.admin.forms.models import register_form_field_override
from wagtail.models import DraftStateMixin

# Marks a moment that was read from a text without a zone.
NO_ZONE = ZoneInfo("UTC")
# The years that the addresses of days, the search index and the database all support.
FIRST_YEAR, LAST_YEAR = 1700, 2261


def format_moment(moment):
    """Return a moment as “Tuesday 1 December, 09:00” in the user's zone. Name another year."""
    own = timezone.localtime(moment)
    is_near = own.year == timezone.localtime().year
    return date_format(own, "l j F, H:i" if is_near else "l j F Y, H:i")


def is_past(moment):
    return moment is not None and moment <= timezone.now()


def check_order(go_live_at, expire_at):
    """Raise ValidationError for something that would expire before or when it goes live."""
    if go_live_at and expire_at and expire_at <= go_live_at:
        raise ValidationError(
            _("It would expire before anybody sees it. Choose a moment after %(moment)s.")
            % {"moment": format_moment(go_live_at)}
        )


def check_year(day):
    """Raise ValidationError for a date whose year is not supported."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(
            _("Choose a year between %(first)s and %(last)s.")
            % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )


def in_zone(naive, zone):
    """
    Return the aware datetime of a naive one in a zone.

    Raise ValidationError for a time that the clocks skip or show twice.
    """
    check_year(naive)
    first, second = (naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    said = {"time": naive.strftime("%H:%M"), "zone": zone}
    if first.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != naive:
        raise ValidationError(
            _("The clocks go forward then: there is no %(time)s on that day in %(zone)s.") % said
        )
    if first.utcoffset() != second.utcoffset():
        raise ValidationError(
            _("The clocks go back then: there are two %(time)s on that day in %(zone)s.") % said
        )
    return first


class MomentField(forms.DateTimeField):
    """A date and time with helpful errors, whose seconds stay unless somebody edits it."""

    default_error_messages = {
        "invalid": gettext_lazy(
            "This is no day and time that can be read. Write it like 2026-12-01 09:00."
        )
    }

    def get_bound_field(self, form, field_name):
        # The field is the form's own copy.
        self.stored = form.get_initial_for_field(self, field_name)
        return super().get_bound_field(form, field_name)

    def to_python(self, value):
        with timezone.override(NO_ZONE):
            moment = super().to_python(value)
        if moment is None or moment.tzinfo is not NO_ZONE:
            return moment
        return in_zone(moment.replace(tzinfo=None), timezone.get_current_timezone())

    def is_untouched(self, stored, text):
        """Return whether the text is still that of the stored moment, which may have seconds."""
        if not isinstance(stored, dt.datetime) or not isinstance(text, str):
            return False
        shown = self.widget.format_value(forms.DateTimeField.prepare_value(self, stored))
        return text.strip() == shown

    def clean(self, value):
        stored = getattr(self, "stored", None)
        return stored if self.is_untouched(stored, value) else super().clean(value)

    def has_changed(self, initial, data):
        return not self.is_untouched(initial, data) and super().has_changed(initial, data)


class ScheduleField(MomentField):
    """A moment in the future, and an expiry after the go-live. One that has passed is not shown."""

    def get_bound_field(self, form, field_name):
        self.form, self.name = form, field_name
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value):
        is_spent = isinstance(value, dt.datetime) and timezone.is_aware(value) and is_past(value)
        return None if is_spent else super().prepare_value(value)

    def clean(self, value):
        moment = super().clean(value)
        if not is_past(moment):
            if self.name == "expire_at":
                check_order(self.form.cleaned_data.get("go_live_at"), moment)
            return moment
        if not self.is_untouched(self.stored, value):
            raise ValidationError(
                _("This moment has passed. Choose a later one, or leave the field empty.")
            )
        # It passed while the form was open. Wagtail sets the attribute when a draft is saved.
        if getattr(self, "is_deferred_validation", False):
            return None
        raise ValidationError(
            _("This moment has passed meanwhile. Choose a later one, or empty the field.")
        )

    def has_changed(self, initial, data):
        if not data and is_past(initial):
            return False
        return super().has_changed(initial, data)


class DayField(forms.DateField):
    default_error_messages = {
        "invalid": gettext_lazy("This is no day that can be read. Write it like 2026-12-01.")
    }

    def validate(self, value):
        super().validate(value)
        if value:
            check_year(value)


def moment_field(db_field):
    """Return the form field and widget of a model's DateTimeField."""
    is_schedule = db_field.name in ("go_live_at", "expire_at") and issubclass(
        db_field.model, DraftStateMixin
    )
    return {
        "form_class": ScheduleField if is_schedule else MomentField,
        "widget": widgets.AdminDateTimeInput,
    }


register_form_field_override(models.DateTimeField, override=moment_field)
register_form_field_override(
    models.DateField, override={"form_class": DayField, "widget": widgets.AdminDateInput}
)
