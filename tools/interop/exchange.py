"""A central system made with the Python library `ocpp` of The Mobility House, and a session with the simulated station: docs/interop.md.

    PYTHONPATH=<ocpp> python3 tools/interop/exchange.py --protocol ocpp1.6|ocpp2.0.1 --station http://127.0.0.1:8080 [--port 9100]

It waits for the station, drives its charger by the control interface, and calls what a central system calls. Each answer is judged by the
library's schemas and by what is expected here. Every line that it prints is one call or step; the last one counts them. Status 1: something
was otherwise than expected.
"""

import argparse
import asyncio
import json
import logging
import sys
import urllib.request
from dataclasses import asdict
from datetime import datetime, timedelta, timezone

import websockets
from ocpp.exceptions import OCPPError
from ocpp.messages import Call, unpack
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201

CARD = "04A1B2C3"
PATIENCE = 20


def now(seconds=0):
    time = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


class Heard:
    """What has come from the station, for the steps that wait for it."""

    def __init__(self):
        self.calls = []
        self.errors = []

    async def wait(self, what, condition):
        for _ in range(PATIENCE * 20):
            found = [payload for action, payload in self.calls if condition(action, payload)]
            if found:
                self.calls.clear()
                return found[-1]
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what} did not come; there were {[action for action, _ in self.calls]}")


class Listening:
    """Notes every CALL that the library has taken."""

    heard: Heard

    async def route_message(self, raw):
        message = unpack(raw)
        await super().route_message(raw)
        if isinstance(message, Call):
            self.heard.calls.append((message.action, message.payload))

    async def _send(self, message):
        if message.startswith("[4"):
            self.heard.errors.append(message)
        await super()._send(message)


class CentralSystem16(Listening, ChargePoint16):
    transactions = 0

    @on("BootNotification")
    def boot(self, **_):
        return result16.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **_):
        return result16.Heartbeat(current_time=now())

    @on("StatusNotification")
    def status(self, **_):
        return result16.StatusNotification()

    @on("Authorize")
    def authorize(self, id_tag, **_):
        return result16.Authorize(id_tag_info={"status": "Accepted"})

    @on("StartTransaction")
    def start_transaction(self, **_):
        self.transactions += 1
        return result16.StartTransaction(transaction_id=self.transactions, id_tag_info={"status": "Accepted"})

    @on("StopTransaction")
    def stop_transaction(self, **_):
        return result16.StopTransaction()

    @on("MeterValues")
    def meter_values(self, **_):
        return result16.MeterValues()

    @on("DataTransfer")
    def data_transfer(self, **_):
        return result16.DataTransfer(status="UnknownVendorId")

    @on("SecurityEventNotification")
    def security_event(self, **_):
        return result16.SecurityEventNotification()


class CentralSystem201(Listening, ChargePoint201):
    @on("BootNotification")
    def boot(self, **_):
        return result201.BootNotification(current_time=now(), interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self, **_):
        return result201.Heartbeat(current_time=now())

    @on("StatusNotification")
    def status(self, **_):
        return result201.StatusNotification()

    @on("Authorize")
    def authorize(self, id_token, **_):
        return result201.Authorize(id_token_info={"status": "Accepted"})

    @on("TransactionEvent")
    def transaction_event(self, id_token=None, **_):
        return result201.TransactionEvent(id_token_info={"status": "Accepted"} if id_token else None)

    @on("MeterValues")
    def meter_values(self, **_):
        return result201.MeterValues()

    @on("NotifyReport")
    def notify_report(self, **_):
        return result201.NotifyReport()

    @on("NotifyEvent")
    def notify_event(self, **_):
        return result201.NotifyEvent()

    @on("ReportChargingProfiles")
    def report_charging_profiles(self, **_):
        return result201.ReportChargingProfiles()

    @on("ReservationStatusUpdate")
    def reservation_status_update(self, **_):
        return result201.ReservationStatusUpdate()

    @on("NotifyCustomerInformation")
    def notify_customer_information(self, **_):
        return result201.NotifyCustomerInformation()

    @on("SecurityEventNotification")
    def security_event(self, **_):
        return result201.SecurityEventNotification()


class Session:
    def __init__(self, station, heard):
        self.station = station
        self.heard = heard
        self.system = None
        self.passed = 0
        self.failed = 0

    def note(self, good, text):
        self.passed += good
        self.failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {text}", flush=True)

    async def hand(self, path, **body):
        """Somebody at the charger."""
        request = urllib.request.Request(
            self.station + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())

    async def comes(self, what, condition):
        try:
            payload = await self.heard.wait(what, condition)
            self.note(True, f"<- {what}")
            return payload
        except AssertionError as error:
            self.note(False, f"<- {error}")
            return {}

    async def call(self, payload, expected=None):
        """The answer passes the library's schema, and `expected` names its status, an error code, or nothing."""
        name = type(payload).__name__
        try:
            answer = await self.system.call(payload, suppress=False)
            got = asdict(answer).get("status", "answered")
        except OCPPError as error:
            answer, got = None, error.code
        self.note(expected is None and answer is not None or got == expected, f"-> {name}: {got}")
        return answer


def status16(connector, status):
    return lambda action, p: action == "StatusNotification" and (p["connectorId"], p["status"]) == (connector, status)


async def session16(s):
    c = call16
    await s.comes("BootNotification, SN Available", status16(1, "Available"))
    answer = await s.call(c.GetConfiguration())
    s.note(bool(answer and answer.configuration_key), f"   {len(answer.configuration_key or [])} keys")
    await s.call(c.GetConfiguration(key=["HeartbeatInterval", "NoSuchKey"]))
    await s.call(c.ChangeConfiguration(key="MeterValueSampleInterval", value="2"), "Accepted")
    await s.call(c.ChangeConfiguration(key="NoSuchKey", value="2"), "NotSupported")
    await s.call(c.ChangeConfiguration(key="NumberOfConnectors", value="2"), "Rejected")
    await s.call(c.TriggerMessage(requested_message="Heartbeat"), "Accepted")
    await s.comes("Heartbeat", lambda action, _: action == "Heartbeat")

    await s.hand("/evse/1/ev", draw=True)
    await s.hand("/evse/1/plug")
    await s.comes("SN Preparing", status16(1, "Preparing"))
    await s.hand("/tap", idToken=CARD)
    await s.comes("Authorize, StartTransaction, SN Charging", status16(1, "Charging"))
    await s.comes("MeterValues", lambda action, p: action == "MeterValues" and p["transactionId"] == 1)
    limit = {"charging_rate_unit": "A", "charging_schedule_period": [{"start_period": 0, "limit": 8.0}]}
    profile = {
        "charging_profile_id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Relative",
        "transaction_id": 1,
        "charging_schedule": limit,
    }
    await s.call(c.SetChargingProfile(connector_id=1, cs_charging_profiles=profile), "Accepted")
    await s.call(c.GetCompositeSchedule(connector_id=1, duration=300, charging_rate_unit="A"), "Accepted")
    await s.call(c.RemoteStopTransaction(transaction_id=99), "Rejected")
    await s.call(c.RemoteStopTransaction(transaction_id=1), "Accepted")
    await s.comes("StopTransaction", lambda action, p: action == "StopTransaction" and p.get("reason") == "Remote")
    await s.call(c.ClearChargingProfile(), "Unknown")
    await s.call(c.UnlockConnector(connector_id=1), "Unlocked")
    await s.hand("/evse/1/unplug")
    await s.comes("SN Available", status16(1, "Available"))

    entry = {"id_tag": CARD, "id_tag_info": {"status": "Accepted", "parent_id_tag": "FAMILY"}}
    await s.call(c.SendLocalList(list_version=3, update_type="Full", local_authorization_list=[entry]), "Accepted")
    await s.call(c.SendLocalList(list_version=2, update_type="Differential"), "VersionMismatch")
    version = await s.call(c.GetLocalListVersion())
    s.note(version is not None and version.list_version == 3, "   version 3")
    await s.call(c.ReserveNow(connector_id=1, expiry_date=now(600), id_tag=CARD, reservation_id=7), "Accepted")
    await s.comes("SN Reserved", status16(1, "Reserved"))
    await s.call(c.CancelReservation(reservation_id=7), "Accepted")
    await s.comes("SN Available", status16(1, "Available"))
    await s.call(c.ChangeAvailability(connector_id=1, type="Inoperative"), "Accepted")
    await s.comes("SN Unavailable", status16(1, "Unavailable"))
    await s.call(c.ChangeAvailability(connector_id=1, type="Operative"), "Accepted")
    await s.comes("SN Available", status16(1, "Available"))
    await s.call(c.RemoteStartTransaction(id_tag="APP", connector_id=1), "Accepted")
    await s.comes("SN Preparing", status16(1, "Preparing"))
    await s.hand("/evse/1/ev", draw=True)
    await s.hand("/evse/1/plug")
    await s.comes("StartTransaction, SN Charging", status16(1, "Charging"))
    await s.call(c.ClearCache())
    await s.call(c.DataTransfer(vendor_id="org.example", message_id="m", data="d"), "UnknownVendorId")
    await s.call(c.GetDiagnostics(location="http://127.0.0.1/"), "NotSupported")
    await s.call(c.ExtendedTriggerMessage(requested_message="Heartbeat"), "NotSupported")
    await s.call(c.Reset(type="Soft"), "Accepted")
    await s.comes("StopTransaction", lambda action, p: action == "StopTransaction" and p.get("reason") == "SoftReset")
    await s.comes("BootNotification", lambda action, _: action == "BootNotification")


def status201(status):
    return lambda action, p: action == "StatusNotification" and p["connectorStatus"] == status


def event(kind, reason=None):
    return lambda action, p: (
        action == "TransactionEvent" and p["eventType"] == kind and reason in (None, p["triggerReason"])
    )


async def session201(s):
    c = call201
    await s.comes("BootNotification, SN Available", status201("Available"))
    variable = {"component": {"name": "SampledDataCtrlr"}, "variable": {"name": "TxUpdatedInterval"}}
    await s.call(c.GetVariables(get_variable_data=[variable, {**variable, "variable": {"name": "NoSuch"}}]))
    await s.call(c.SetVariables(set_variable_data=[{**variable, "attribute_value": "2"}]))
    await s.call(c.GetBaseReport(request_id=5, report_base="FullInventory"), "Accepted")
    await s.comes("NotifyReport, the last", lambda action, p: action == "NotifyReport" and not p.get("tbc"))
    await s.call(c.TriggerMessage(requested_message="Heartbeat"), "Accepted")
    await s.comes("Heartbeat", lambda action, _: action == "Heartbeat")

    await s.hand("/evse/1/ev", draw=True)
    await s.hand("/evse/1/plug")
    await s.comes("SN Occupied", status201("Occupied"))
    await s.hand("/tap", idToken=CARD)
    payload = await s.comes("Authorize, Started, Charging", event("Updated", "ChargingStateChanged"))
    transaction = payload.get("transactionInfo", {}).get("transactionId", "")
    await s.comes("Updated by MeterValuePeriodic", event("Updated", "MeterValuePeriodic"))
    await s.call(c.GetTransactionStatus(transaction_id=transaction))
    schedule = {"id": 1, "charging_rate_unit": "A", "charging_schedule_period": [{"start_period": 0, "limit": 8.0}]}
    profile = {
        "id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Relative",
        "transaction_id": transaction,
        "charging_schedule": [schedule],
    }
    await s.call(c.SetChargingProfile(evse_id=1, charging_profile=profile), "Accepted")
    await s.call(c.GetCompositeSchedule(evse_id=1, duration=300), "Accepted")
    criterion = {"charging_profile_purpose": "TxProfile"}
    await s.call(c.GetChargingProfiles(request_id=6, charging_profile=criterion), "Accepted")
    await s.comes("ReportChargingProfiles", lambda action, _: action == "ReportChargingProfiles")
    await s.call(c.RequestStopTransaction(transaction_id="no-such"), "Rejected")
    await s.call(c.RequestStopTransaction(transaction_id=transaction), "Accepted")
    await s.comes("Ended by RemoteStop", event("Ended", "RemoteStop"))
    await s.call(c.ClearChargingProfile(charging_profile_id=1), "Unknown")
    await s.call(c.UnlockConnector(evse_id=1, connector_id=1), "Unlocked")
    await s.hand("/evse/1/unplug")
    await s.comes("SN Available", status201("Available"))

    token = {"id_token": CARD, "type": "ISO14443"}
    entry = {"id_token": token, "id_token_info": {"status": "Accepted"}}
    await s.call(c.SendLocalList(version_number=3, update_type="Full", local_authorization_list=[entry]), "Accepted")
    version = await s.call(c.GetLocalListVersion())
    s.note(version is not None and version.version_number == 3, "   version 3")
    await s.call(c.ReserveNow(id=7, expiry_date_time=now(600), id_token=token, evse_id=1), "Accepted")
    await s.comes("SN Reserved", status201("Reserved"))
    await s.call(c.CancelReservation(reservation_id=7), "Accepted")
    await s.comes("SN Available", status201("Available"))
    await s.call(c.ChangeAvailability(operational_status="Inoperative", evse={"id": 1}), "Accepted")
    await s.comes("SN Unavailable", status201("Unavailable"))
    await s.call(c.ChangeAvailability(operational_status="Operative", evse={"id": 1}), "Accepted")
    await s.comes("SN Available", status201("Available"))
    app = {"id_token": "APP", "type": "Central"}
    await s.call(c.RequestStartTransaction(id_token=app, remote_start_id=9, evse_id=1), "Accepted")
    await s.hand("/evse/1/ev", draw=True)
    await s.hand("/evse/1/plug")
    await s.comes("Started by remote start, Charging", event("Updated", "ChargingStateChanged"))
    await s.call(c.CustomerInformation(request_id=8, report=True, clear=False, id_token=token), "Accepted")
    await s.comes("NotifyCustomerInformation", lambda action, _: action == "NotifyCustomerInformation")
    await s.call(c.ClearCache())
    await s.call(c.DataTransfer(vendor_id="org.example", message_id="m", data="d"), "UnknownVendorId")
    log = {"remote_location": "http://127.0.0.1/"}
    await s.call(c.GetLog(log_type="SecurityLog", request_id=1, log=log), "NotSupported")
    await s.call(c.Reset(type="Immediate"), "Accepted")
    await s.comes("Ended by the reset", event("Ended", "ResetCommand"))
    await s.comes("BootNotification", lambda action, _: action == "BootNotification")


KINDS = {"ocpp1.6": (CentralSystem16, session16), "ocpp2.0.1": (CentralSystem201, session201)}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--protocol", choices=KINDS, required=True)
    parser.add_argument("--station", required=True)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--log", action="store_true", help="every frame, as the library logs it")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO if args.log else logging.ERROR, stream=sys.stdout)
    kind, conversation = KINDS[args.protocol]
    heard = Heard()
    session = Session(args.station, heard)
    connected = asyncio.Event()

    async def attend(socket, path=None):
        system = kind(str(path or socket.path).strip("/"), socket)
        system.heard = heard
        session.system = system
        print(f"     {system.id} connected with {socket.subprotocol}", flush=True)
        connected.set()
        try:
            await system.start()
        except websockets.ConnectionClosed:
            pass

    async with websockets.serve(attend, "127.0.0.1", args.port, subprotocols=[args.protocol]):
        await asyncio.wait_for(connected.wait(), 60)
        await conversation(session)
    for error in heard.errors:
        session.note(False, f"the library refused a CALL: {error}")
    print(f"{session.passed} as expected, {session.failed} otherwise [{args.protocol}]")
    sys.exit(1 if session.failed else 0)


asyncio.run(main())
