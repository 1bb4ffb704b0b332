"""What is counted: for each measure a table of events, as `counting` takes them."""

from typing import Any

import ibis

from workbench import definitions
from workbench.store import Workspace


def events(rows: ibis.Table, day: Any, part: Any = True, **more: Any) -> ibis.Table:
    """Rows as events: what they are of, their day, and what each adds to the numerator."""
    return rows.select("enrolment_id", day=day, part=part, **more)


def referrals(data: Workspace) -> ibis.Table:
    """Referrals by their day."""
    rows = definitions.enrolments(data)
    rows = rows.filter(rows.referral_date.notnull())
    return events(rows, rows.referral_date)


def referrals_started(data: Workspace) -> ibis.Table:
    """Referrals by their day; part: started in the time that settings give."""
    rows = definitions.enrolments(data)
    rows = rows.filter(rows.referral_date.notnull())
    waited = rows.start_date.delta(rows.referral_date, unit="day")
    in_time = waited <= data.settings.reporting.start_within_days
    return events(rows, rows.referral_date, in_time.fill_null(False))


def starts(data: Workspace) -> ibis.Table:
    """Starts by their day."""
    rows = definitions.starts(data)
    return events(rows, rows.start_date)


def waits(data: Workspace) -> ibis.Table:
    """Starts by their day; part: the days since the referral. Those without referral left out."""
    rows = definitions.starts(data)
    rows = rows.filter(rows.referral_date <= rows.start_date)
    return events(rows, rows.start_date, rows.start_date.delta(rows.referral_date, unit="day"))


def exits(data: Workspace) -> ibis.Table:
    """Ends by their day, whatever the reason."""
    rows = definitions.ends(data)
    return events(rows, rows.end_date)


def disengagements(data: Workspace) -> ibis.Table:
    """Ends that settings call disengagement, by their day."""
    rows = definitions.ends(data)
    rows = rows.filter(rows.end_kind == "disengagement")
    return events(rows, rows.end_date)


def kept(data: Workspace) -> ibis.Table:
    """Contacts that took place, by their day."""
    rows = definitions.kept(data)
    return events(rows, rows.contact_date)


def attendance(data: Workspace) -> ibis.Table:
    """Contacts for which attendance was recorded; part: kept."""
    rows = definitions.offered(data)
    rows = rows.filter(rows.attended.notnull())
    return events(rows, rows.contact_date, rows.attended)


def entries(data: Workspace) -> ibis.Table:
    """Contacts by their day; part: typed in soon enough.

    Those typed in before their day were booked ahead, which tells nothing about delay.
    """
    rows = definitions.contacts(data)
    typed_in = rows.recorded_at.date()
    rows = rows.filter(typed_in >= rows.contact_date, typed_in <= data.as_of)
    lag = rows.recorded_at.date().delta(rows.contact_date, unit="day")
    return events(rows, rows.contact_date, lag <= data.settings.reporting.entry_within_days)


def successes(data: Workspace) -> ibis.Table:
    """Horizons by the day they end, where it is known how it came out; part: success."""
    rows = _horizons(data)
    return rows.filter(rows.part.notnull())


def not_known(data: Workspace) -> ibis.Table:
    """Horizons by the day they end; part: nobody said how it came out."""
    rows = _horizons(data)
    return rows.mutate(part=rows.part.isnull())


def _horizons(data: Workspace) -> ibis.Table:
    """All horizons; who held the case is looked up on the last day that it was open."""
    rows = definitions.success(data)
    last_open = ibis.least(rows.horizon_day, rows.end_date.fill_null(rows.horizon_day))
    return events(rows, rows.horizon_day, rows.success, held_on=last_open)
