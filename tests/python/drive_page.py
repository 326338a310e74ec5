"""Opens a page of a report in a headless browser, works it as a reader does, and prints what happened.

Usage: drive_page.py BROWSER PAGE. Speaks the DevTools protocol over the browser's own pipes, so that nothing
but Python is needed and no port is open.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time

SECONDS = 60

WORK = """
(async function () {
  const rest = () => new Promise((done) => setTimeout(done, 50));
  const table = document.getElementById("plain-data");
  const head = table.querySelectorAll("thead th")[1];
  const shown = () => Array.from(table.tBodies[0].rows).filter((row) => !row.hidden);
  const order = () => shown().map((row) => row.cells[1].dataset.v);
  const result = { orders: [order()], sorts: [] };
  for (let n = 0; n < 3; n += 1) {
    head.querySelector("button").click();
    result.orders.push(order());
    result.sorts.push(head.getAttribute("aria-sort"));
  }
  const field = table.closest(".table-box").querySelector("input");
  const count = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input"));
    return shown().length;
  };
  result.filtered = [count(""), count("no such row \\u2603"), count("")];
  const made = [];
  const address = URL.createObjectURL;
  URL.createObjectURL = (blob) => { made.push(blob); return address.call(URL, blob); };
  HTMLAnchorElement.prototype.click = () => {};
  table.closest(".table-box").querySelector("button.download").click();
  result.csv = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await made[0].arrayBuffer());
  const chart = document.querySelector(".chart");
  result.is_drawn = chart.querySelectorAll("svg path").length > 3;
  const behind = chart.closest("figure").querySelector("details");
  result.toggled = [behind.open];
  for (let n = 0; n < 2; n += 1) {
    behind.querySelector("summary").click();
    result.toggled.push(behind.open);
  }
  const theme = document.getElementById("theme");
  result.themes = [];
  for (let n = 0; n < 2; n += 1) {
    theme.click();
    result.themes.push(document.documentElement.dataset.theme);
  }
  for (const element of document.querySelectorAll("main *")) {
    element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    if (element.focus) element.focus();
  }
  const box = chart.getBoundingClientRect();
  const over = { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
  for (const kind of ["mousemove", "mouseover"]) {
    (chart.querySelector("svg") || chart).dispatchEvent(new MouseEvent(kind, over));
  }
  window.dispatchEvent(new Event("beforeprint"));
  await rest();
  window.dispatchEvent(new Event("afterprint"));
  window.dispatchEvent(new Event("resize"));
  await rest();
  result.pwned = "pwned" in window;
  // Heads whose words do not fit into their cell.
  const heads = Array.from(document.querySelectorAll("thead th")).filter((cell) => cell.clientWidth > 0);
  result.cut = heads.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent);
  return JSON.stringify(result);
})()
"""


class Browser:
    """A browser with one page."""

    def __init__(self, program, profile):
        browser_reads, self.commands = os.pipe()
        self.answers, browser_writes = os.pipe()
        arguments = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--window-size=1200,900", f"--user-data-dir={profile}",
            "--remote-debugging-pipe", "about:blank",
        ]
        # The browser takes commands from descriptor 3 and answers on 4.
        script = f'exec "$@" 3<&{browser_reads} 4>&{browser_writes}'
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", script, "bash", *arguments],
            pass_fds=(browser_reads, browser_writes),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(browser_reads)
        os.close(browser_writes)
        self.rest = b""
        self.events = []
        self.last_id = 0
        self.deadline = time.monotonic() + SECONDS

    def receive(self):
        while b"\0" not in self.rest:
            left = self.deadline - time.monotonic()
            ready, _, _ = select.select([self.answers], [], [], max(left, 0))
            if not ready:
                sys.exit(f"the browser did not answer within {SECONDS} s")
            piece = os.read(self.answers, 65536)
            if not piece:
                sys.exit("the browser ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, parameters=None, session=None):
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters or {}}
        if session:
            command["sessionId"] = session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self.receive()
            if message.get("id") == self.last_id:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive())

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def complaints(events):
    """What the console and the browser said."""
    said = []
    for event in events:
        parameters = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            said.append(parameters["exceptionDetails"].get("exception", {}).get("description", "exception"))
        elif event.get("method") == "Runtime.consoleAPICalled":
            values = [str(value.get("value", value.get("description"))) for value in parameters["args"]]
            said.append(" ".join([parameters["type"], *values]))
        elif event.get("method") == "Log.entryAdded":
            said.append(parameters["entry"]["text"])
        elif event.get("method") == "Page.javascriptDialogOpening":
            said.append("dialog " + parameters["message"])
    return said


def requests(events, page):
    """What was fetched, beside the page itself."""
    asked = [
        event["params"]["request"]["url"]
        for event in events
        if event.get("method") == "Network.requestWillBeSent"
    ]
    return [address for address in asked if address != page and not address.startswith(("data:", "blob:"))]


def main():
    program, path = sys.argv[1:]
    page = "file://" + os.path.realpath(path)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            target = browser.send("Target.createTarget", {"url": "about:blank"})["targetId"]
            attached = browser.send("Target.attachToTarget", {"targetId": target, "flatten": True})
            session = attached["sessionId"]
            for domain in ["Runtime", "Log", "Page", "Network"]:
                browser.send(f"{domain}.enable", session=session)
            browser.events.clear()
            browser.send("Page.navigate", {"url": page}, session)
            browser.wait("Page.loadEventFired")
            work = {"expression": WORK, "awaitPromise": True, "returnByValue": True}
            found = browser.send("Runtime.evaluate", work, session)
            if "exceptionDetails" in found:
                sys.exit(f"the page could not be worked: {found['exceptionDetails']}")
            result = json.loads(found["result"]["value"])
            result["complaints"] = complaints(browser.events)
            result["requests"] = requests(browser.events, page)
            print(json.dumps(result, ensure_ascii=False))
        finally:
            browser.close()


main()
