"""Headless Chromium for tests, driven over a pipe by the DevTools protocol: what stands where on a page, what it asked for, what it
complained about. No module beside Python's own; where Chromium is not installed a test is skipped."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

import tap

KEYS = {'Tab': 9, 'Enter': 13, 'Escape': 27}
ANSWER_S = 60  # a machine that is busy with other tests


class Browser:
    """One browser process and one page. A context manager; nothing is left running or lying about."""

    def __init__(self):
        program = shutil.which('chromium')
        if not program:
            raise tap.Skip('chromium is not installed')
        self.profile = tempfile.mkdtemp(prefix='fortnight-chromium-')
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()
        options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run', '--hide-scrollbars',
                   '--disable-background-networking', '--disable-component-update', f'--user-data-dir={self.profile}', 'about:blank']
        self.process = subprocess.Popen(['bash', '-c', f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', program, *options],
                                        pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.number, self.session = b'', 0, None
        self.events, self.requests, self.complaints = [], [], []
        try:
            target = self.call('Target.createTarget', url='about:blank')['targetId']
            self.session = self.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
            for domain in ('Page', 'Runtime', 'Log', 'Network'):
                self.call(domain + '.enable')
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()
        for fd in (self.input, self.output):
            os.close(fd)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self):
        """The next message; events are noted."""
        deadline = time.monotonic() + ANSWER_S
        while b'\0' not in self.buffer:
            if not select.select([self.input], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise TimeoutError('the browser does not answer')
            data = os.read(self.input, 1 << 16)
            if not data:
                raise RuntimeError('the browser has ended')
            self.buffer += data
        text, self.buffer = self.buffer.split(b'\0', 1)
        message = json.loads(text)
        method, facts = message.get('method'), message.get('params', {})
        if method == 'Network.requestWillBeSent':
            self.requests.append(facts['request']['url'])
        elif method == 'Runtime.exceptionThrown':
            self.complaints.append(facts['exceptionDetails'].get('exception', {}).get('description') or facts['exceptionDetails']['text'])
        elif method == 'Runtime.consoleAPICalled' and facts['type'] in ('error', 'warning', 'assert'):
            self.complaints.append(str([a.get('value') for a in facts['args']]))
        elif method == 'Log.entryAdded' and facts['entry']['level'] in ('error', 'warning'):
            self.complaints.append(facts['entry']['text'])
        if method:
            self.events.append(method)
        return message

    def call(self, method, **parameters):
        """The result of one command."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        os.write(self.output, json.dumps(message).encode() + b'\0')
        while True:
            answer = self.receive()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]}')
                return answer['result']

    def open(self, path, width=1280, height=800, dark=False, media=''):
        """Shows a file and waits until it is loaded; requests and complaints begin anew."""
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call('Emulation.setEmulatedMedia', media=media, features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.requests, self.complaints, self.events = [], [], []
        self.call('Page.navigate', url='file://' + path)
        while 'Page.loadEventFired' not in self.events:
            self.receive()

    def run(self, script):
        """The value of a JavaScript expression, promises awaited."""
        result = self.call('Runtime.evaluate', expression=script, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(result['exceptionDetails'].get('exception', {}).get('description', 'script failed'))
        return result['result'].get('value')

    def press(self, key):
        """A key of KEYS, or a character."""
        text = '\r' if key == 'Enter' else '' if key in KEYS else key
        code = {'windowsVirtualKeyCode': KEYS[key]} if key in KEYS else {}
        self.call('Input.dispatchKeyEvent', type='keyDown' if text else 'rawKeyDown', key=key, text=text, **code)
        self.call('Input.dispatchKeyEvent', type='keyUp', key=key, **code)

    def picture(self, path, whole=False):
        """Writes what is seen (whole: the page to its end) as PNG."""
        data = self.call('Page.captureScreenshot', format='png', captureBeyondViewport=whole)['data']
        with open(path, 'wb') as f:
            f.write(base64.b64decode(data))
