"""HMIS exports: what becomes of each file, and each trap that such an export holds."""

import csv
import json
import os
import re
import zipfile
from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pytest

from workbench import settings
from workbench.errors import DataError
from workbench.sources import check, hmis, hmis_codes
from workbench.tables import with_attributes

DATA = os.environ.get("WORKBENCH_DATA")
real = pytest.mark.skipif(not DATA, reason="WORKBENCH_DATA is not set: no real data here")

CREATED = {"DateCreated": "2021-06-01 09:00:00", "UserID": "7"}
FILES = {  # a whole small export; each test changes what it is about
    "Export": [
        {
            "ExportID": "1",
            "ExportDate": "2022-03-01 08:00:00",
            "ExportEndDate": "2022-02-28",
            "CSVVersion": "2026 v1",
        }
    ],
    "Client": [{"PersonalID": "C1", "DOB": "1980-05-01", "Sex": "0", **CREATED}],
    "Enrollment": [
        {
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "ProjectID": "P1",
            "EntryDate": "2021-06-01",
            **CREATED,
        }
    ],
    "Exit": [
        {
            "EnrollmentID": "E1",
            "ExitDate": "2021-12-01",
            "Destination": "410",
            "DateCreated": "2021-12-03 10:00:00",
        }
    ],
    "Project": [
        {"ProjectID": "P1", "OrganizationID": "O1", "ProjectName": "Harbour", "ProjectType": "13"}
    ],
    "Organization": [{"OrganizationID": "O1", "OrganizationName": "Shore"}],
    "Services": [
        {
            "ServicesID": "S1",
            "EnrollmentID": "E1",
            "DateProvided": "2021-07-01",
            "RecordType": "144",
            "TypeProvided": "2",
            "DateCreated": "2021-07-02 12:00:00",
        }
    ],
}


class Loaded:
    """An export read and checked: tables as frames, and the loss report to look things up in."""

    def __init__(self, path, **own):
        con = ibis.duckdb.connect()
        chosen = settings.build({"base": "hmis", "data": {"path": str(path)}, **own})
        self.staged, self.says = hmis.stage(chosen, con)
        export = check(self.staged, with_attributes(chosen.attributes), con, self.says.exported_on)
        self.tables = {name: rows.execute() for name, rows in export.tables.items()}
        self.issues = export.issues

    def __getattr__(self, name):
        return self.tables[name]

    def rows(self, problem, **where):
        """How many rows the loss report has for a problem."""
        found = self.issues[self.issues.problem.str.contains(problem, regex=False, na=False)]
        for column, value in where.items():
            found = found[found[column] == value]
        return int(found.rows.sum())

    def counted(self, source):
        """Rows of a file that ended as loaded, repaired or set aside."""
        kinds = self.issues.kind.isin(["loaded", "repaired", "set aside"])
        return int(self.issues[kinds & (self.issues.source == source)].rows.sum())


@pytest.fixture
def export(tmp_path):
    """Writes the small export with some files changed (None: left out), and reads it."""

    def write(folder=tmp_path, **changed):
        files = {**FILES, **changed}
        for name, rows in files.items():
            if rows is not None:
                headers = list(dict.fromkeys(key for row in rows for key in row))
                with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                    writer = csv.DictWriter(file, headers, restval="")
                    writer.writeheader()
                    writer.writerows(rows)
        return folder

    def load(**changed):
        return Loaded(write(**changed))

    load.write = write
    return load


def rows_of(file, *changes):
    """The file's own row, once for each change."""
    return [{**FILES[file][0], **each} for each in changes]


def test_a_whole_export_becomes_our_tables(export):
    loaded = export()
    client = loaded.clients.iloc[0]
    assert (client.client_id, client.gender) == ("C1", "Female")
    stay = loaded.enrolments.iloc[0]
    assert (stay.programme, stay.organisation, stay.project_type) == (
        "Harbour",
        "Shore",
        "Rapid re-housing",
    )
    assert str(stay.start_date)[:10] == "2021-06-01"
    assert str(stay.end_date)[:10] == "2021-12-01"
    assert stay.exit_reason == "Rental by client, no ongoing housing subsidy"
    assert str(stay.end_recorded_at) == "2021-12-03 10:00:00"
    outcome = loaded.outcomes.iloc[0]
    assert (outcome.outcome, outcome.status) == ("permanent housing", "achieved")
    contact = loaded.contacts.iloc[0]
    assert (contact.channel, bool(contact.attended)) == ("SSVF service", True)
    says = loaded.says
    assert (says.exported_on, says.complete_to) == (date(2022, 3, 1), date(2022, 2, 28))


def test_a_zip_with_a_folder_in_it_is_read_like_a_folder(export, tmp_path):
    folder = export.write()
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as out:
        for file in folder.glob("*.csv"):
            out.write(file, f"HMIS 2026/{file.name}")
    assert len(Loaded(packed).contacts) == 1


def test_order_and_letter_case_of_headers_do_not_matter(export):
    shuffled = [
        dict(reversed([(key.upper() + " ", value) for key, value in row.items()]))
        for row in FILES["Enrollment"]
    ]
    loaded = export(Enrollment=shuffled)
    assert loaded.enrolments.enrolment_id.tolist() == ["E1"]


def test_the_2024_layout_has_a_column_for_each_gender(export):
    people = [
        {"PersonalID": "C1", "Woman": "1", "Man": "0", "HispanicLatinaeo": "1", "White": "0"},
        {"PersonalID": "C2", "Woman": "0", "Man": "1", "HispanicLatinaeo": "1", "White": "1"},
        {"PersonalID": "C3", "Woman": "1", "NonBinary": "1"},
        {"PersonalID": "C4", "Woman": "0", "Man": "0", "GenderNone": "99"},
    ]
    info = [{**FILES["Export"][0], "CSVVersion": "2024 v1"}]
    clients = export(Client=people, Export=info).clients.set_index("client_id")
    assert clients.gender.fillna("").to_dict() == {
        "C1": "Woman",
        "C2": "Man",
        "C3": "More than one gender",
        "C4": "",
    }
    assert clients.ethnicity["C1"] == "Hispanic/Latina/o"
    assert clients.ethnicity["C2"] == "More than one race or ethnicity"


def test_another_version_of_the_standard_is_refused(export):
    with pytest.raises(DataError) as problem:
        export(Export=[{**FILES["Export"][0], "CSVVersion": "2022 v1.2"}])
    assert str(problem.value) == (
        "Export.csv: CSVVersion: version '2022 v1.2' of the HMIS CSV standard has other codes; "
        "only FY2024 and FY2026 can be read. Ask the supplier for an export in one of these."
    )


def test_all_that_is_missing_is_told_at_once(export):
    without_date = [{"EnrollmentID": "E1", "PersonalID": "C1", "ProjectID": "P1"}]
    with pytest.raises(DataError) as problem:
        export(Client=None, Exit=None, Enrollment=without_date)
    told = "\n".join(problem.value.problems)
    assert len(problem.value.problems) == 3
    assert "Client.csv: there is no such file" in told
    assert "Exit.csv: there is no such file" in told
    assert (
        "Enrollment.csv: there is no column EntryDate, which the HMIS CSV standard requires. "
        "Export the files again without changing their headers."
    ) in told


def test_an_export_without_its_dates_is_refused(export):
    with pytest.raises(DataError, match=r"Export.csv: ExportEndDate: there is no date"):
        export(Export=[{**FILES["Export"][0], "ExportEndDate": "28.02.22"}])


def test_names_and_social_security_numbers_never_get_past_the_reader(export):
    digest = "2cb30d5ef678412db20875ccf25c63ff"
    loaded = export(
        Client=rows_of("Client", {"FirstName": digest, "LastName": digest, "SSN": "123456789"})
    )
    for part in loaded.staged:
        frame = part.rows.execute().astype(str)
        assert not frame.isin([digest, "123456789"]).any().any()
    assert loaded.rows("is personal or free text (hashed)", column="FirstName") == 1
    assert loaded.rows("is personal or free text: never loaded", column="SSN") == 1
    assert digest not in loaded.issues.to_csv()
    assert "123456789" not in loaded.issues.to_csv()


def test_dates_with_years_of_two_digits_are_noted_and_not_used(export):
    loaded = export(Client=rows_of("Client", {"DateUpdated": "03-11-21"}))
    note = loaded.issues[loaded.issues.column == "DateUpdated"].iloc[0]
    assert (note.kind, note.rows, note.first_row, note.example) == ("noted", 1, 2, "03-11-21")
    assert note.problem.startswith("has a year of two digits")


def test_who_typed_a_record_is_no_caseworker(export):
    loaded = export(
        Enrollment=rows_of("Enrollment", {"UserID": "7"}, {"EnrollmentID": "E2", "UserID": "8"}),
        User=[{"UserID": "7", "UserFirstName": "Ada", "UserEmail": "ada@example.org"}],
    )
    assert loaded.issues.problem.str.startswith(
        "2 people typed these records, 1 of them are not in User.csv"
    ).any()
    assert "assignments" not in loaded.tables
    assert "caseworker_id" not in loaded.contacts or loaded.contacts.caseworker_id.isna().all()
    assert "Ada" not in loaded.issues.to_csv()


def test_an_exit_after_the_period_is_kept_and_noted(export):
    loaded = export(Exit=rows_of("Exit", {"ExitDate": "2022-03-01"}))
    assert loaded.rows("is after ExportEndDate (2022-02-28)", source="Exit.csv") == 1
    assert str(loaded.enrolments.end_date[0])[:10] == "2022-03-01"
    assert len(loaded.outcomes) == 1


def test_an_exit_after_the_day_of_the_export_leaves_the_stay_open(export):
    loaded = export(Exit=rows_of("Exit", {"ExitDate": "2024-01-10"}))
    assert loaded.enrolments.end_date.isna().all()
    assert loaded.enrolments.exit_reason.isna().all()
    assert loaded.rows("taken as still enrolled", kind="repaired") == 1
    assert loaded.rows("lies after the day of the export", kind="set aside") == 1
    assert "outcomes" not in loaded.tables or loaded.outcomes.empty


def test_exits_mostly_typed_in_before_they_happened_give_no_entry_lag(export):
    stays = rows_of("Enrollment", *({"EnrollmentID": each} for each in ("E1", "E2", "E3")))
    early = {"DateCreated": "2021-06-01 09:00:00"}
    loaded = export(
        Enrollment=stays,
        Exit=rows_of("Exit", {**early}, {**early, "EnrollmentID": "E2"}, {"EnrollmentID": "E3"}),
    )
    assert loaded.rows("is before ExitDate in most rows") == 2
    assert loaded.enrolments.end_recorded_at.isna().all()
    assert loaded.outcomes.recorded_at.isna().all()


def test_single_exits_typed_in_too_early_only_lose_their_own_time(export):
    stays = rows_of("Enrollment", *({"EnrollmentID": each} for each in ("E1", "E2", "E3")))
    early = {"DateCreated": "2021-06-01 09:00:00"}
    loaded = export(
        Enrollment=stays,
        Exit=rows_of("Exit", {**early}, {"EnrollmentID": "E2"}, {"EnrollmentID": "E3"}),
    )
    assert loaded.rows("is before ExitDate: not used as the time of entry") == 1
    recorded = loaded.enrolments.set_index("enrolment_id").end_recorded_at
    assert recorded.isna().to_dict() == {"E1": True, "E2": False, "E3": False}


def test_bed_nights_and_payments_are_supports(export):
    services = rows_of(
        "Services",
        {"RecordType": "200", "TypeProvided": "2"},
        {"ServicesID": "S2", "RecordType": "200", "TypeProvided": "200"},
        {
            "ServicesID": "S3",
            "RecordType": "152",
            "TypeProvided": "1",
            "FAStartDate": "2021-07-01",
            "FAEndDate": "2021-07-31",
        },
        {"ServicesID": "S4", "RecordType": "151", "TypeProvided": "77"},
        {"ServicesID": "S5"},
    )
    loaded = export(Services=services)
    assert loaded.supports.support.tolist() == [
        "Bed night",
        "Bed night",
        "Rental assistance",
        "Other financial assistance",
    ]
    assert str(loaded.supports.end_date[2])[:10] == "2021-07-31"
    assert loaded.rows("read as a bed night", kind="repaired") == 1
    assert loaded.rows("read as assistance of another kind", kind="repaired") == 1
    assert len(loaded.contacts) == 1
    assert loaded.counted("Services.csv") == 5


def test_records_that_feed_no_table_are_set_aside_by_kind(export):
    services = rows_of(
        "Services",
        {},
        {"ServicesID": "S2", "RecordType": "143"},
        {"ServicesID": "S3", "RecordType": "999"},
        {"ServicesID": "S4", "RecordType": ""},
    )
    loaded = export(Services=services)
    assert loaded.rows("143 (HOPWA service) feeds no table", kind="set aside") == 1
    assert loaded.rows("is not in the federal list of record types", kind="set aside") == 2
    assert loaded.counted("Services.csv") == 4


def test_conversations_on_the_street_are_contacts(export):
    talk = {"CurrentLivingSitID": "S1", "EnrollmentID": "E1", "InformationDate": "2021-08-01"}
    loaded = export(CurrentLivingSituation=[talk])
    assert sorted(loaded.contacts.contact_id) == ["CLS S1", "S1"]
    assert sorted(loaded.contacts.channel) == ["Current living situation", "SSVF service"]


def test_a_sex_filled_in_at_random_is_noted(export):
    listed = ["0", "1", "8", "9", "99"] * 60
    people = [{"PersonalID": str(i), "Sex": sex} for i, sex in enumerate(listed)]
    stays = rows_of("Enrollment", {"PersonalID": "0"})
    loaded = export(Client=people, Enrollment=stays)
    assert loaded.rows("as if filled in at random", column="Sex") == 300
    assert loaded.clients.gender.value_counts().to_dict() == {"Female": 60, "Male": 60}
    uneven = [{**each, "Sex": "0" if i % 3 else each["Sex"]} for i, each in enumerate(people)]
    assert export(Client=uneven, Enrollment=stays).rows("as if filled in at random") == 0


def test_deleted_rows_are_set_aside_and_so_is_what_belongs_to_them(export):
    gone = {"DateDeleted": "2021-09-01 10:00:00"}
    loaded = export(
        Client=rows_of("Client", {}, {"PersonalID": "C2", **gone}),
        Enrollment=rows_of(
            "Enrollment", {}, {"EnrollmentID": "E2", "PersonalID": "C2"}, {"EnrollmentID": "E3"}
        ),
        Exit=rows_of("Exit", {**gone}, {"EnrollmentID": "E3", **gone}, {"EnrollmentID": "E3"}),
    )
    assert loaded.clients.client_id.tolist() == ["C1"]
    assert loaded.rows("was deleted", source="Client.csv", kind="set aside") == 1
    assert loaded.rows("belongs to a row of clients that was set aside") == 1
    ends = loaded.enrolments.set_index("enrolment_id").end_date
    assert ends.isna().to_dict() == {"E1": True, "E3": False}
    assert loaded.rows("was deleted", source="Exit.csv", kind="set aside") == 2


def test_destinations_decide_the_outcome_and_only_listed_codes_count(export):
    expected = {
        "410": "achieved",
        "426": "achieved",
        "435": "achieved",
        "101": "not achieved",
        "24": "not achieved",
        "419": "not known",  # a subsidy type in the wrong column
        "434": "not known",
        **dict.fromkeys(("8", "9", "17", "30", "37", "99", ""), "not known"),
    }
    loaded = export(
        Enrollment=rows_of("Enrollment", *({"EnrollmentID": f"E{each}"} for each in expected)),
        Exit=rows_of(
            "Exit", *({"EnrollmentID": f"E{each}", "Destination": each} for each in expected)
        ),
        Services=rows_of("Services", {"EnrollmentID": "E410"}),
    )
    found = loaded.outcomes.set_index("enrolment_id").status.to_dict()
    assert found == {f"E{code}": status for code, status in expected.items()}
    assert loaded.rows("is not in the federal list of destinations", kind="noted") == 2
    reasons = loaded.enrolments.set_index("enrolment_id").exit_reason
    assert reasons["E419"] == "Destination not in the federal list"
    assert reasons["E"] == "No destination recorded"


def test_odd_exits_and_stays_are_reported(export):
    loaded = export(
        Enrollment=rows_of(
            "Enrollment",
            {},
            {"EnrollmentID": "E2", "PersonalID": "nobody"},
            {"EnrollmentID": "E3", "EntryDate": "2022-01-01"},
            {"EnrollmentID": "E4", "ProjectID": "P9"},
        ),
        Exit=rows_of(
            "Exit",
            {},
            {"ExitDate": "2021-12-24", "Destination": "101"},
            {"EnrollmentID": "none"},
            {"EnrollmentID": "E3"},
        ),
    )
    assert loaded.rows("is a further exit of the same enrolment", kind="set aside") == 1
    assert loaded.outcomes.status.tolist() == ["achieved"]
    assert loaded.rows("is not in enrolments", source="Exit.csv", kind="set aside") == 1
    assert loaded.rows("is not in clients", source="Enrollment.csv", kind="set aside") == 1
    assert loaded.rows("comes before start_date", kind="set aside") == 1
    assert loaded.rows("the project is shown by its number", kind="repaired") == 1
    assert loaded.enrolments.set_index("enrolment_id").programme["E4"] == "Project P9"
    assert loaded.counted("Exit.csv") == loaded.counted("Enrollment.csv") == 4


def test_what_was_asked_at_entry_describes_the_enrolment(export):
    at_entry, later = {"DataCollectionStage": "1"}, {"DataCollectionStage": "3"}
    loaded = export(
        Enrollment=rows_of(
            "Enrollment",
            {"DisablingCondition": "1", "LivingSituation": "116", "RelationshipToHoH": "1"},
            {"EnrollmentID": "E2", "DisablingCondition": "99", "LivingSituation": "16"},
        ),
        HealthAndDV=[
            {"EnrollmentID": "E1", "DomesticViolenceSurvivor": "0", **at_entry},
            {"EnrollmentID": "E1", "DomesticViolenceSurvivor": "1", **later},
        ],
        IncomeBenefits=[{"EnrollmentID": "E1", "IncomeFromAnySource": "1", **at_entry}],
        Disabilities=[
            {"EnrollmentID": "E1", "DisabilityType": "10", "DisabilityResponse": "3", **at_entry},
            {"EnrollmentID": "E1", "DisabilityType": "9", "DisabilityResponse": "8", **at_entry},
        ],
    )
    stays = loaded.enrolments.set_index("enrolment_id")
    first = stays.loc["E1"]
    assert first.disability and first.income_any and first.substance_use
    assert not first.domestic_violence
    assert pd.isna(first.mental_health)
    assert (first.living_situation, first.household_relation) == ("Homeless", "Head of household")
    assert pd.isna(stays.disability["E2"]) and pd.isna(stays.living_situation["E2"])
    assert loaded.rows("is not in the federal list: left empty", column="LivingSituation") == 1
    assert loaded.issues.problem.str.startswith("1 of 2 rows were asked at entry").any()


def test_rows_that_cannot_be_cut_into_cells_are_counted(export):
    folder = export.write()
    with (folder / "Exit.csv").open("a", encoding="utf-8") as file:
        file.write("E9,2021-01-01\n")
    loaded = Loaded(folder)
    assert loaded.rows("cells where the header has", source="Exit.csv", kind="set aside") == 1
    assert loaded.counted("Exit.csv") == 2


def test_an_export_without_services_lives_on_conversations(export):
    talk = {"CurrentLivingSitID": "1", "EnrollmentID": "E1", "InformationDate": "2021-08-01"}
    folder = export.write(CurrentLivingSituation=[talk])
    header = (folder / "Services.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "Services.csv").write_text(header + "\n", encoding="utf-8")
    loaded = Loaded(folder)
    assert loaded.contacts.contact_id.tolist() == ["CLS 1"]
    assert loaded.counted("Services.csv") == 0


def test_files_that_nobody_reads_are_named_and_side_files_are_not(export):
    folder = export.write(Funder=[{"FunderID": "1"}], assignments=[{"EnrollmentID": "E1"}])
    side = {"file": "assign*.csv", "columns": {"enrolment_id": "EnrollmentID"}}
    loaded = Loaded(folder, sources={"assignments": side})
    note = loaded.issues[loaded.issues.problem == "files that are not used"].iloc[0]
    assert note.column == "Funder.csv"


def test_every_exit_reason_has_a_meaning():
    exits = settings.built_in("hmis").exits
    named = {*exits.disengagement, *exits.completion, *exits.neither}
    labels = {
        *hmis_codes.DESTINATIONS.values(),
        hmis_codes.NO_DESTINATION,
        hmis_codes.NOT_A_DESTINATION,
    }
    assert named == labels
    assert exits.disengagement == (hmis_codes.DESTINATIONS["30"],)


def test_the_built_in_settings_name_every_channel():
    channels = settings.built_in("hmis").contacts.channels
    assert {*channels} == {*hmis_codes.CONTACT_RECORDS.values(), "Current living situation"}


@pytest.fixture(scope="module")
def demo():
    return Loaded(Path(DATA) / "hmis-eva-demo" / "export.zip")


@real
def test_the_demo_export_is_accounted_for_row_by_row(demo):
    assert demo.counted("Client.csv") == len(demo.clients) == 4146
    assert demo.counted("Enrollment.csv") == len(demo.enrolments) == 4771
    assert demo.counted("Exit.csv") == 4295
    assert demo.counted("Services.csv") == 4472
    assert demo.counted("CurrentLivingSituation.csv") == 336
    assert (demo.enrolments.client_id.value_counts() > 1).sum() == 516
    assert demo.enrolments.programme.nunique() <= 27
    assert demo.enrolments.organisation.notna().all()


@real
def test_every_trap_of_the_demo_export_is_in_its_loss_report(demo):
    assert (demo.says.exported_on, demo.says.complete_to) == (date(2023, 9, 8), date(2022, 9, 30))
    assert demo.rows("has a year of two digits", source="Client.csv") == 4146
    assert demo.rows("(hashed): never loaded", column="SSN") == 4145
    assert demo.issues.problem.str.startswith("16 people typed these records, 15").any()
    assert demo.rows("is after ExportEndDate (2022-09-30)", source="Exit.csv") == 5
    assert demo.rows("is after ExportEndDate (2022-09-30)", source="Services.csv") == 18
    assert demo.rows("is before ExitDate in most rows") == 3853
    assert demo.issues.problem.eq("95 % of entries were typed in within 42 days").any()
    assert demo.rows("read as a bed night", table="supports") == 18
    assert demo.rows("as if filled in at random", column="Sex") == 4145
    assert demo.rows("taken as still enrolled", kind="repaired") == 4


@real
def test_the_demo_export_gives_away_no_person(demo):
    report = demo.issues.to_csv()
    assert not re.search(r"\b[0-9a-f]{32}\b", report)
    assert not re.search(r"\b\d{9}\b", report)
    for part in demo.staged:
        columns = part.rows.execute().select_dtypes("str")
        assert not columns.apply(lambda each: each.str.fullmatch(r"[0-9a-f]{32}").any()).any()


@real
def test_the_code_lists_are_those_of_the_standard():
    lists = json.loads(
        (Path(DATA) / "hmis-standard" / "hmis_codes_fy2026.json").read_text(encoding="utf-8")
    )
    assert {*hmis_codes.DESTINATIONS} - {"37"} == {*lists["destinations"]}
    assert {*hmis_codes.PROJECT_TYPES} == {*lists["project_types"]}
    assert {*hmis_codes.RELATIONSHIPS, "99"} == {*lists["relationships_to_hoh"]}
    assert {*hmis_codes.REFERRAL_SOURCES, "8", "9", "99"} == {*lists["referral_sources"]}
    assert {*hmis_codes.SEXES, "8", "9", "99"} == {*lists["sexes"]}
    payments = hmis_codes.FINANCIAL_ASSISTANCE
    assert {*payments["151"]} == {*lists["hopwa_financial_assistance_options"]}
    assert {*payments["152"]} == {*lists["ssvf_financial_assistance_options"]}
    records = {
        *hmis_codes.CONTACT_RECORDS,
        *hmis_codes.SUPPORT_RECORDS,
        *hmis_codes.UNUSED_RECORDS,
    }
    assert records == {*lists["record_types"]}
    for code in lists["prior_living_situations"]:
        grouped = re.fullmatch(hmis_codes.SITUATION, code)
        assert grouped or code in hmis_codes.NOT_KNOWN


@real
def test_the_worked_example_finds_its_data(monkeypatch):
    example = settings.read(Path(__file__).parents[1] / "settings" / "hmis-demo.toml")
    assert (example.data.reader, example.data_path.name) == ("hmis", "export.zip")
    assert example.exits.disengagement
