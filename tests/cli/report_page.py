"""Use a report's page in headless Chromium through ChromeDriver: map drawn, measure switched, hover, search, sort, no error, no request."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PAGE = os.path.abspath(sys.argv[1])
PORT = 9515 + os.getpid() % 2000


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


class Browser:
    def __init__(self, profile):
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-quic", f"--user-data-dir={profile}", "--window-size=1400,1200"]
        options = {"args": flags}
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.base = "/session/" + call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]

    def run(self, script, *arguments):
        return call("POST", self.base + "/execute/sync", {"script": script, "args": list(arguments)})

    def move(self, x, y, click=False):
        steps = [{"type": "pointerMove", "duration": 0, "x": int(x), "y": int(y), "origin": "viewport"}]
        steps += [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}] if click else []
        call("POST", self.base + "/actions", {"actions": [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps}]})

    def log(self, kind):
        return call("POST", self.base + "/se/log", {"type": kind})


problems = []


def check(what, good):
    if not good:
        problems.append(what)


def colours(browser):
    return browser.run("""const c = document.getElementById('map'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = new Set(); for (let i = 0; i < d.length; i += 4 * 37) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size""")


def picture(browser):
    return browser.run("return document.getElementById('map').toDataURL()")


def use(browser):
    call("POST", browser.base + "/url", {"url": "file://" + PAGE})
    for _ in range(100):
        if browser.run("return document.documentElement.dataset.ready") == "yes":
            break
        time.sleep(0.1)
    time.sleep(0.5)
    check("the page is ready", browser.run("return document.documentElement.dataset.ready") == "yes")
    check("the map is drawn", colours(browser) > 20)
    first = picture(browser)
    measures = browser.run("return document.getElementById('measure').options.length")
    check("there are measures to choose from", measures >= 5)
    others = []
    for measure in range(measures - 1, 0, -1):  # one may fall into the same classes, all of them cannot
        browser.run(f"const s = document.getElementById('measure'); s.value = '{measure}'; s.dispatchEvent(new Event('change'))")
        time.sleep(0.4)
        others.append(picture(browser))
    check("another measure gives another map", any(other != first for other in others))
    # Hover over the middle of the first cell, which the page itself knows.
    spot = browser.run("""const d = JSON.parse(document.getElementById('data').textContent); const b = d.bounds; const at = d.areas.at[0];
        const s = document.getElementById('stage'); const r = s.getBoundingClientRect();
        const k = Math.min(s.clientWidth / (b[2] - b[0]), s.clientHeight / (b[3] - b[1])) * 0.96;
        return [r.left + s.clientLeft + s.clientWidth / 2 + (at[0] - (b[0] + b[2]) / 2) * k,
                r.top + s.clientTop + s.clientHeight / 2 - (at[1] - (b[1] + b[3]) / 2) * k, d.areas.code[0]]""")
    browser.move(spot[0], spot[1])
    time.sleep(0.4)
    tip = browser.run("const t = document.getElementById('tip'); return t.hidden ? '' : t.innerText")
    check(f"hovering tells the cell {spot[2]}: {tip[:60]!r}", spot[2] in tip)
    browser.move(spot[0], spot[1], click=True)
    time.sleep(0.3)
    check("a click keeps the figures", spot[2] in browser.run("return document.getElementById('info').innerText"))
    before = picture(browser)
    browser.run("document.getElementById('in').click()")
    time.sleep(0.4)
    check("zooming changes the map", picture(browser) != before)
    browser.run("const s = document.getElementById('search'); s.value = 'no such thing'; s.dispatchEvent(new Event('change'))")
    check("a vain search says so", browser.run("return document.getElementById('found').innerText") != "")
    browser.run("const s = document.getElementById('search'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))", spot[2])
    check("a search finds the cell", spot[2] in browser.run("return document.getElementById('info').innerText"))
    # Sort the first table by its fifth column, a number: down, then up.
    column = "return [...document.querySelectorAll('#table tbody tr:not(.strong)')].map(r => Number(r.children[4].innerText.replace(/[^0-9.-]/g, '')))"
    browser.run("document.querySelectorAll('#table th')[4].click()")
    down = browser.run(column)
    browser.run("document.querySelectorAll('#table th')[4].click()")
    up = browser.run(column)
    check("sorting goes down", down == sorted(down, reverse=True) and len(down) > 1)
    check("sorting goes up", up == sorted(up))
    tabs = browser.run("return document.querySelectorAll('#tabs button').length")
    for i in range(tabs):
        browser.run("document.querySelectorAll('#tabs button')[arguments[0]].click()", i)
        check(f"table {i} has a head", browser.run("return document.querySelectorAll('#table th').length") > 0)
    check("charts are drawn", browser.run("return document.querySelectorAll('#charts svg').length") >= 2)
    check("nothing of the data became markup", browser.run("return document.querySelectorAll('main script, main img:not(.still), main iframe').length") == 0)
    check("no alert was run", browser.run("return window.harmed === undefined"))
    errors = [entry["message"] for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check(f"no message on the console: {errors[:3]}", not errors)
    asked = set()
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            own = message["params"].get("documentURL", "").startswith("file://" + PAGE)  # not the browser's own start page
            if own and not url.startswith(("file://" + PAGE, "data:")):
                asked.add(url[:80])
    check(f"no request to anywhere: {sorted(asked)[:3]}", not asked)


profile = tempfile.mkdtemp()
driver = subprocess.Popen(["chromedriver", f"--port={PORT}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            call("GET", "/status")
            break
        except OSError:
            time.sleep(0.1)
    browser = Browser(profile)
    try:
        use(browser)
    finally:
        call("DELETE", browser.base)
finally:
    driver.send_signal(signal.SIGTERM)
    driver.wait()
    subprocess.run(["rm", "-rf", profile], check=False)
for problem in problems:
    print("not ok:", problem)
sys.exit(1 if problems else 0)
