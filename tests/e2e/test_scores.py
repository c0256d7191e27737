#!/usr/bin/env python3
"""Reading forms stays as good as it was: the sample in tests/corpus/forms against tests/scores.json."""
import json, os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'support')]
sys.path.append(os.path.join(HERE, '..'))
import score, tap
from programme import PROGRAM


def kept():
    with open(score.SCORES, encoding='utf-8') as handle:
        return json.load(handle)['forms']


def test_sample():
    """no figure of the sample has fallen"""
    number, figures, wrong = score.measure(PROGRAM)
    if number < 60:
        raise AssertionError(f'only {number} mails in the sample')
    worse = score.fallen(figures, kept())
    if worse:
        raise AssertionError('\n'.join(worse + [f'{name}: {"; ".join(notes)}' for name, notes in wrong.items()]))


def test_comparison():
    """the comparison sees a missing, a wrong and an invented value and a lost row"""
    truth = {'kind': 'submission', 'form': 'biweekly', 'problem': None, 'tables': {'daily': [{'date': '2016-06-14', 'questions': 3}]},
             'fields': {'org': '广播台', 'likes': 7, 'comments': None, 'urgent': {'any_of': [None, '无']}}}
    good = {'kind': 'submission', 'form': 'biweekly', 'fields': {'org': {'value': '广播台'}, 'likes': {'value': 7}}, 'tables': truth['tables']}
    tap.equal(score.Tally().add(truth, good), [])
    for field, value, figure in (('org', None, 'recall'), ('likes', 8, 'wrong'), ('comments', 1, 'invented')):
        fields = {**good['fields'], field: {'value': value}}
        tally = score.Tally()
        tally.add(truth, {**good, 'fields': {k: v for k, v in fields.items() if v['value'] is not None}})
        perfect = score.Tally()
        perfect.add(truth, good)
        if not score.fallen(tally.figures(), {figure: perfect.figures()[figure]}):
            raise AssertionError(f'{field} = {value} was not seen')
    tally = score.Tally()
    tally.add(truth, {**good, 'tables': {}})
    tap.equal((tally.figures()['rows'], tally.figures()['cells']), (0.0, 0.0))


if __name__ == '__main__':
    tap.run([test_sample, test_comparison])
