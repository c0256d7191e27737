#!/usr/bin/env python3
"""Whose mail it is and for which period, measured: 200 organizations with aliases, new names, look-alikes, secretaries and private addresses;
reports whose period is told in every way that people tell it. Truth by construction (tests/support/identity_sample.py)."""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support'), os.path.join(HERE, '..')]
import identity, score, tap


def measured(language):
    """The figures hold the bars, and none is worse than it was; returns them as text."""
    figures = identity.measure(identity.KEPT_SEED, language)
    with open(score.SCORES, encoding='utf-8') as handle:
        kept = json.load(handle)['identity'][language]
    summaries = {name: figure.summary() for name, figure in figures.items()}
    worse = identity.below_bars(summaries)
    for name, summary in summaries.items():
        worse += [f'{name} {key}: {summary[key]} instead of {kept[name][key]}' for key in summary
                  if (summary[key] < kept[name][key] if key == 'right' else summary[key] > kept[name][key])]
    if worse:
        notes = [f'{case.style}: {case.org} {case.period}, found {found}' for figure in figures.values() for _, case, found in figure.notes[:10]]
        raise AssertionError('\n'.join(worse + notes))
    return '; '.join(f'{name} of {figures[name].total} mails ' + ', '.join(f'{k} {v}' for k, v in summary.items()) for name, summary in summaries.items())


def chinese():
    """Chinese: organizations and periods of 200 student organizations"""
    return measured('zh')


def english():
    """English: organizations and periods of 200 sports clubs"""
    return measured('en')


def comparison():
    """the measure sees a wrong organization, a wrong period and a needless review"""
    case = identity.Case(1, 'x', 'A', True, 'p', None, b'')
    for right, wrong, needless, key in ((False, True, False, 'wrong'), (False, False, False, 'right'), (True, False, True, 'review')):
        figures = identity.Figures()
        figures.add(case, right, wrong, needless, ())
        good = identity.Figures()
        good.add(case, True, False, False, ())
        texts = identity.below_bars({'organization': figures.summary(), 'period': good.summary()})
        if not any(key in text for text in texts):
            raise AssertionError(f'{key} was not seen: {texts}')


if __name__ == '__main__':
    tap.run([comparison, chinese, english])
