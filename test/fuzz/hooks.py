"""What schemathesis cannot know of Clientele: its string formats, ids that exist, and what would end the run."""

import os
import re

import requests
import schemathesis
from hypothesis import strategies as st

URL = os.environ["CLIENTELE_URL"]
TOKEN = os.environ["CLIENTELE_TOKEN"]
OWN_TOKEN_ID = os.environ["CLIENTELE_TOKEN_ID"]
GENERAL_GROUP_ID = os.environ["CLIENTELE_GROUP_ID"]
KNOWN_IDS = {
    "ClientId": os.environ["CLIENTELE_CLIENT_IDS"].split(","),
    "UserId": [os.environ["CLIENTELE_USER_ID"]],
    "GroupId": [GENERAL_GROUP_ID],
    "DocumentId": os.environ["CLIENTELE_DOCUMENT_IDS"].split(","),
    "InvoiceId": os.environ["CLIENTELE_INVOICE_IDS"].split(","),
    "PaymentId": os.environ["CLIENTELE_PAYMENT_IDS"].split(","),
    "CreditId": os.environ["CLIENTELE_CREDIT_IDS"].split(","),
}

ID = re.compile(r"^[a-z]{2,3}_[0-7][0-9A-HJKMNP-TV-Z]{25}$")

label = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
host = st.builds("{}.{}".format, label, st.sampled_from(["example", "test", "co.example"]))
scheme = st.sampled_from(["", "http://", "https://"])

schemathesis.openapi.format("bcp47", st.sampled_from(["en", "en-GB", "de-AT", "sr-Latn-RS", "zh-Hant-TW"]))
schemathesis.openapi.format("email", st.builds("{}@{}".format, label, host))
schemathesis.openapi.format(
    "iana-timezone", st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
)
schemathesis.openapi.format(
    "number-pattern", st.sampled_from(["{year}{date:MM}-{counter:4}", "K{date:yyyy.MM}/{counter}", "{random:12}"])
)
schemathesis.openapi.format("web-address", st.builds("{}{}/{}".format, scheme, host, label))


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Ids of records that exist in the place of made-up examples, so that more than a 404 is tested."""
    for name, ids in KNOWN_IDS.items():
        raw_schema["components"]["schemas"][name]["examples"] = ids


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Well-formed ids become ids that exist; ill-formed ones stay."""
    for name, value in (path_parameters or {}).items():
        known = KNOWN_IDS.get(name[0].upper() + name[1:])
        if known and ID.match(str(value)):
            path_parameters[name] = known[ord(value[-1]) % len(known)]
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    """A client's references lead to records that exist: there is one group, and no pricing."""
    if isinstance(body, dict):
        if ID.match(str(body.get("groupId"))):
            body["groupId"] = GENERAL_GROUP_ID
        if ID.match(str(body.get("pricingId"))):
            body["pricingId"] = None
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    """The run goes on with its own token: a request to revoke that one asks for one that does not exist."""
    if (case.path_parameters or {}).get("tokenId") == OWN_TOKEN_ID:
        case.path_parameters["tokenId"] = "tok_00000000000000000000000000"


# Ids in answers that were replayed for an Idempotency-Key: what they name may have been deleted since.
replayed_ids = set()


@schemathesis.hook
def after_call(context, case, response):
    """Notes replayed answers. Switches the clients module on again, without which all client routes would answer 403."""
    if "idempotency-replayed" in response.headers and response.status_code == 201:
        replayed_ids.add(response.json().get("id"))
    if case.operation.definition.raw.get("operationId") == "setClientsModule" and response.status_code == 200:
        answer = requests.put(
            f"{URL}/v1/company/modules/clients",
            json={"status": "active"},
            headers={"authorization": f"Bearer {TOKEN}"},
            timeout=30,
        )
        answer.raise_for_status()


# A text names what its mail does not have, links to where none may, or lacks the link that its mail exists for.
TEMPLATE_RULES = [
    (r"/(subject|body)", "unknown-variable|variable-not-here|link-not-allowed|link-variable-not-alone|link-missing|required")
]

TRIAL_RULES = [*TEMPLATE_RULES, (r"/(clientId|contactId)", "not-allowed|not-found")]

# Names that mails come from cannot pass for an address.
NAME_RULE = (r"(/company|/owner)?/name", "contains-address|hidden-character")

# Passwords that are guessed first.
PASSWORD_RULE = (r"(/owner)?/(password|newPassword)", "common-password|own-name")

# An account for a contact without an address, of a client whose portal is closed, or with such a password.
ACCOUNT_FAULTS = "no-address|not-allowed|common-password|own-name"

# Rules of every operation: a value that must be unique is told with all other faults, amounts have lower bounds beside their
# one schema, and a web address can become too long once it has a scheme.
COMMON_RULES = [
    (r".*", "taken"),
    (r".*/(taskHourlyRate|lateFee|price|unitPrice|amount)/amount", "too-small"),
    (r".*/(quantity|rate|taxRate|discountRate)", "out-of-range"),
    (r".*/website", "too-long"),
]

# Part of an object that is not there yet, in a merge patch.
INCOMPLETE_OBJECT = (r"/.+/.+", "required")

# A pattern and a reset that do not go together, or a pattern that does not count what must have no gaps.
PATTERN_RULE = (r"/(clientNumber|invoiceNumber|creditNoteNumber)/pattern", "bad-pattern")

# Clients, items and taxes that do not exist, lines without what their item would give, and totals that are too large.
INVOICE_RULES = [
    (r"/clientId", "not-found|archived"),
    (r"/lines/\d+/(itemId|description|unitPrice|taxRate)", "not-found|required"),
    (r"/(lines/\d+/unitPrice|discount/amount)/currency", "wrong-currency"),
    (r"/dueDate", "out-of-range"),
    (r"/lines", "too-big|too-long"),
]

# Money of another currency, or more than there is.
AMOUNT_RULE = (r"/amount/(currency|amount)", "wrong-currency|too-big")

ALLOCATION_RULES = [
    (r"/allocations/\d+/(invoiceId|amount/(currency|amount))", "not-found|not-open|duplicate|wrong-currency|too-big"),
    (r"/allocations", "too-big|too-small"),
]

# Rules that JSON Schema has no words for, by operation: (pointer, code) of the faults that may refuse data which is
# valid by its schema. The document says each of them in a description.
RULES_BETWEEN_FIELDS = {
    "putTemplate": TEMPLATE_RULES,
    "previewTemplate": TRIAL_RULES,
    "testTemplate": TRIAL_RULES,
    "createClient": [
        (r"/name", "required"),  # a client without a contact
        (r"/website", "too-long"),  # once it has a scheme
        (r"/contacts/\d+", "required"),  # a contact with neither name nor e-mail address
        (r"/contacts/\d+/isPrimary", "duplicate"),
        (r"/contacts/\d+/email", "duplicate"),
        (r"/sendWelcomeEmail", "no-address|not-allowed"),  # nobody to mail, or a closed client
        (r"/contacts/\d+/account(/password)?", ACCOUNT_FAULTS),
        (r"/settings/(invoiceDelivery|portalPermissions/\w+)", "contradiction"),  # the same setting, twice
        (r"/pricingId", "not-found"),
        (r"/groupId", "not-found"),
    ],
    "listClients": [
        (r"\?sort", "not-allowed"),  # a search has its own order
        (r"\?(phone|vatNumber)", "wrong-format"),  # without a digit
    ],
    "createDocument": [
        (r"/size", "too-big"),  # more than the company's settings allow
        (r"/name", "too-long"),  # once it is in NFC
    ],
    "changeDocument": [
        (r"/name", "too-long"),
    ],
    "changeCompany": [NAME_RULE],
    "inviteUser": [NAME_RULE],
    "changeUser": [NAME_RULE],
    "signUp": [NAME_RULE, PASSWORD_RULE],
    "acceptUserInvitation": [PASSWORD_RULE],
    "confirmPasswordReset": [PASSWORD_RULE],
    "changePassword": [PASSWORD_RULE],
    "acceptPortalInvitation": [PASSWORD_RULE],
    "setContactPassword": [PASSWORD_RULE],
    "acceptPortalLink": [PASSWORD_RULE],
    "changeClients": [
        (r"/(groupId|pricingId|status|tags|settings)", "required|not-allowed"),  # the field of another action, or none
    ],
    "createContact": [
        (r"", "required"),  # neither name nor e-mail address
        (r"/account(/password)?", ACCOUNT_FAULTS),
        (r"/.*", "required"),  # what the company requires
    ],
    "changeContact": [
        (r"", "required"),
        (r"/.+", "required"),
    ],
    "changeClient": [
        (r"/name", "required"),  # a client without a contact
        (r"/website", "too-long"),  # once it has a scheme
        (r"/pricingId", "not-found"),
        (r"/groupId", "not-found"),
        (r"/settings/(invoiceDelivery|portalPermissions/\w+)", "contradiction"),
        INCOMPLETE_OBJECT,
    ],
    "changeSettings": [
        (r"/sender/fromName", "contains-address|hidden-character"),
        PATTERN_RULE,
        (r"/taxes/\d+/(name|isDefault)", "duplicate"),
        INCOMPLETE_OBJECT,
    ],
    "createInvoice": INVOICE_RULES,
    "changeInvoice": INVOICE_RULES,
    "copyInvoice": INVOICE_RULES,
    "createPayment": [(r"/clientId", "not-found"), *ALLOCATION_RULES],
    "refundPayment": [AMOUNT_RULE, (r"/amount", "too-many"), *ALLOCATION_RULES],
    "createCredit": [(r"/(clientId|invoiceId)", "not-found|not-open"), AMOUNT_RULE],
    "applyCredit": [AMOUNT_RULE],
    "releaseCredit": [AMOUNT_RULE],
    "previewNumbers": [PATTERN_RULE, (r"/(invoiceNumber|creditNoteNumber)", "contradiction")],
    "changeGroupSettings": [INCOMPLETE_OBJECT],
    "changeClientSettings": [INCOMPLETE_OBJECT],
}


def has_blank(value):
    """Whether a body has a blank text or a null, at any depth."""
    if isinstance(value, dict):
        return any(has_blank(member) for member in value.values())
    if isinstance(value, list):
        return any(has_blank(entry) for entry in value)
    return value is None or (isinstance(value, str) and value.strip() == "")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops valid data that was refused for what no schema can say, and what a replay named long after its end."""
    if type(failure).__name__ == "EnsureResourceAvailability":
        return replayed_ids.isdisjoint((case.path_parameters or {}).values())
    # A blank text is null in every optional field, and null leaves out what has a default text.
    if type(failure).__name__ == "AcceptedNegativeData":
        return not has_blank(case.body)
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    problem = response.json()
    # Cursors are sealed: only the API can make one.
    if problem["type"] == "/problems/bad-cursor":
        return False
    rules = COMMON_RULES + RULES_BETWEEN_FIELDS.get(case.operation.definition.raw.get("operationId"), [])
    faults = problem.get("errors", [])
    return not faults or not all(
        any(re.fullmatch(code, fault["code"]) and re.fullmatch(pointer, fault["pointer"]) for pointer, code in rules)
        for fault in faults
    )
