"""The code lists of the federal HMIS CSV standard (FY2024, FY2026) that the reader needs.

Labels follow the standard's wording, without its parentheses. A code that stands in none of these
lists is never guessed: the reader reports it.
"""

YES_NO = {"0": "No", "1": "Yes"}  # 8, 9, 99: not known
NOT_KNOWN = ("8", "9", "99")  # does not know, prefers not to answer, not collected

CONTACT_RECORDS = {
    "141": "PATH service",
    "142": "RHY service connection",
    "144": "SSVF service",
    "161": "PATH referral",
}
SUPPORT_RECORDS = {
    "151": "HOPWA financial assistance",
    "152": "SSVF financial assistance",
    "200": "Bed night",
}
UNUSED_RECORDS = {
    "143": "HOPWA service",
    "210": "HUD-VASH OTH voucher tracking",
    "300": "Moving On assistance",
}
FINANCIAL_ASSISTANCE = {
    "151": {
        "1": "Rental assistance",
        "2": "Security deposit",
        "3": "Utility deposit",
        "4": "Utility payments",
        "7": "Mortgage assistance",
    },
    "152": {
        "1": "Rental assistance",
        "2": "Security deposit",
        "3": "Utility deposit",
        "4": "Utility payments",
        "5": "Moving costs",
        "8": "Transportation: tokens or vouchers",
        "9": "Transportation: vehicle repair or maintenance",
        "10": "Child care",
        "12": "General housing stability assistance",
        "14": "Emergency housing assistance",
        "15": "Shallow subsidy",
        "16": "Food assistance",
        "17": "Landlord incentive",
        "18": "Tenant incentive",
    },
}
BED_NIGHT = "200"
OTHER_ASSISTANCE = "Other financial assistance"

DESTINATIONS = {
    "8": "Client doesn't know",
    "9": "Client prefers not to answer",
    "17": "Other",
    "24": "Deceased",
    "30": "No exit interview completed",
    "37": "Worker unable to determine",
    "99": "Data not collected",
    "101": "Emergency shelter",
    "116": "Place not meant for habitation",
    "118": "Safe Haven",
    "204": "Psychiatric hospital or other psychiatric facility",
    "205": "Substance abuse treatment facility or detox center",
    "206": "Hospital or other residential non-psychiatric medical facility",
    "207": "Jail, prison or juvenile detention facility",
    "215": "Foster care home or foster care group home",
    "225": "Long-term care facility or nursing home",
    "302": "Transitional housing for homeless persons",
    "312": "Staying or living with family, temporary tenure",
    "313": "Staying or living with friends, temporary tenure",
    "314": "Hotel or motel paid for without emergency shelter voucher",
    "327": "Moved from one HOPWA funded project to HOPWA TH",
    "329": "Residential project or halfway house with no homeless criteria",
    "332": "Host Home (non-crisis)",
    "410": "Rental by client, no ongoing housing subsidy",
    "411": "Owned by client, no ongoing housing subsidy",
    "421": "Owned by client, with ongoing housing subsidy",
    "422": "Staying or living with family, permanent tenure",
    "423": "Staying or living with friends, permanent tenure",
    "426": "Moved from one HOPWA funded project to HOPWA PH",
    "435": "Rental by client, with ongoing housing subsidy",
}
NO_DESTINATION = "No destination recorded"
NOT_A_DESTINATION = "Destination not in the federal list"
DESTINATION_NOT_KNOWN = ("8", "9", "17", "30", "37", "99")
PERMANENT_HOUSING = tuple(code for code in DESTINATIONS if len(code) == 3 and code[0] == "4")

# Living situation at entry, by the first digit of its code: how the standard itself groups them.
SITUATION = r"^([1-4])\d\d$"
LIVING_SITUATIONS = {
    "1": "Homeless",
    "2": "Institution",
    "3": "Temporary housing",
    "4": "Permanent housing",
}
REFERRAL_SOURCES = {
    "1": "Self-referral",
    "2": "Individual",
    "7": "Outreach project",
    "11": "Temporary shelter",
    "18": "Residential project",
    "28": "Hotline",
    "30": "Child welfare",
    "34": "Juvenile justice",
    "35": "Police",
    "37": "Mental hospital",
    "38": "School",
    "39": "Other organisation",
}
RELATIONSHIPS = {
    "1": "Head of household",
    "2": "Child",
    "3": "Spouse or partner",
    "4": "Other relative",
    "5": "Unrelated household member",
}
PROJECT_TYPES = {
    "0": "Emergency shelter, entry and exit",
    "1": "Emergency shelter, night by night",
    "2": "Transitional housing",
    "3": "Permanent supportive housing",
    "4": "Street outreach",
    "6": "Services only",
    "7": "Other",
    "8": "Safe Haven",
    "9": "Permanent housing, housing only",
    "10": "Permanent housing with services",
    "11": "Day shelter",
    "12": "Homelessness prevention",
    "13": "Rapid re-housing",
    "14": "Coordinated entry",
}
SEXES = {"0": "Female", "1": "Male"}  # FY2026: one column
GENDERS = {  # FY2024: one column each, 1 where it applies
    "Woman": "Woman",
    "Man": "Man",
    "NonBinary": "Non-binary",
    "CulturallySpecific": "Culturally specific identity",
    "Transgender": "Transgender",
    "Questioning": "Questioning",
    "DifferentIdentity": "Different identity",
}
RACES = {  # one column each, 1 where it applies
    "AmIndAKNative": "American Indian, Alaska Native or Indigenous",
    "Asian": "Asian or Asian American",
    "BlackAfAmerican": "Black, African American or African",
    "HispanicLatinao": "Hispanic/Latina/o",
    "HispanicLatinaeo": "Hispanic/Latina/o",  # the same column's name in FY2024
    "MidEastNAfrican": "Middle Eastern or North African",
    "NativeHIPacific": "Native Hawaiian or Pacific Islander",
    "White": "White",
}
DISABILITIES = {  # DisabilityType -> our attribute; the answer 1 (for 10: 1, 2 or 3) means yes
    "5": "physical_disability",
    "7": "chronic_condition",
    "9": "mental_health",
    "10": "substance_use",
}
