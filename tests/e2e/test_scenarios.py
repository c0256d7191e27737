#!/usr/bin/env python3
"""Scenarios (tests/scenarios/*.txt): what happens and which letters must leave, in files that a committee secretary can read and write.

    tests/e2e/test_scenarios.py [FILE…]      plays some only; without FORTNIGHT_BUILD the driver in build/san is used"""
import glob, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(HERE), 'scenarios')
sys.path[:0] = [os.path.join(HERE, '..', 'support'), FOLDER]
import language, play, tap

WRONG = [('2016-06-27 08:00 护理学院学生会 送了 双周报\n', 1, 'not understood'), ('组织: 甲\n2016-06-27 08:00\n    应该: 无\n', 3, 'not understood'),
         ('2016-06-27 08:00\n2016-06-26 08:00\n', 2, 'goes forward'), ('2016-06-27 08:00\n', 1, 'must be able to fail'), ('天气: 晴\n2016-06-27 08:00\n', 1, 'not understood'),
         ('组织: 甲 (联络员 a@example.edu.cn)\n2016-06-23 08:00\n    应发: 提醒 → 甲\n', 3, 'no such letter'),
         ('组织: 甲 (联络员 a@example.edu.cn)\n2016-06-23 08:00\n2016-06-24 09:30\n    应发: 提醒 → 甲, 写明 “不存在的话”\n', 4, 'it does not say'),
         ('组织: 甲 (联络员 a@example.edu.cn)\n2016-06-23 08:00\n    应发: 无\n2016-06-24 09:30\n', 4, 'nobody expects'),
         ('组织: 甲 (联络员 a@example.edu.cn)\n2016-06-23 08:00\n    应发: 提醒 → 乙\n', 3, 'nobody is called'),
         ('组织: 甲 (联络员 a@example.edu.cn)\n2016-06-23 08:00\n    不发: 催促 → 甲\n', 3, 'no letter is called')]


def strict():
    """the language is strict: a line that is not understood, or that did not come true, is named with its place"""
    import tempfile
    for text, line, words in WRONG:
        with tempfile.NamedTemporaryFile('w', suffix='.txt', encoding='utf-8') as f:
            f.write(text)
            f.flush()
            try:
                play.play(f.name)
            except language.Mistake as mistake:
                if not str(mistake).startswith(f'{f.name}:{line}: ') or words not in str(mistake):
                    raise AssertionError(f'{text!r}: {mistake}')
            else:
                raise AssertionError(f'{text!r} passed')


def case(path):
    title = language.Scenario(path).header('title')
    if not title:
        raise language.Mistake(path, 1, 'a scenario has a title')

    def run():
        try:
            play.play(path)
        except language.Mistake:
            sys.tracebacklimit = 0  # the text says where: a line of the scenario, not of this program
            raise
    return f'{os.path.relpath(path, FOLDER)[:-4]}: {title}', run


if __name__ == '__main__':
    wanted = sys.argv[1:]
    files = wanted or sorted(glob.glob(os.path.join(FOLDER, '*.txt')) + glob.glob(os.path.join(FOLDER, '*', '*.txt')))
    tap.run(([] if wanted else [strict]) + [case(path) for path in files])
