#!/usr/bin/env python3
"""forms_sample.py DIR [--seed N] [--each N]: writes mails with one filled form each (NAME.eml) and what they say (NAME.json) to DIR.

Every layout of forms_layouts.py is drawn --each times, in another format and wrapped by another mail client each time; letters and
documents that are no form follow. The same seed gives the same mails."""
import argparse, datetime, json, os, sys, zoneinfo
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forms_data, forms_layouts, forms_render, material

ZONE = zoneinfo.ZoneInfo('Asia/Shanghai')
FORMATS = {'docx': ['docx', 'xlsx', 'html', 'odt', 'htmlfile', 'docx-tracked', 'docx-control'], 'lines': ['text', 'docx', 'txt', 'htmltext'],
           'log': ['xlsx', 'csv', 'docx', 'html']}
OLD = '单位：外语学院团委\n提问量：77\n回答量：66\n填报人：旧人甲\n联系电话：13800009876\n'


# ---- what mail clients put around it -----------------------------------------------------------------------------------

def qq(text):
    return text + '\n\n\n------------------ 原始邮件 ------------------\n发件人: "青年之声"<youth@example.edu.cn>;\n发送时间: 2016年6月1日(星期三) 中午11:18\n收件人: "各组织"<all@example.edu.cn>;\n主题: 双周报\n\n' + OLD


def netease(text):
    return text + '\n\n--\n赵小明\n校团委办公室 13800007777\n\n\n在 2016-06-01 10:00:00，"青年之声" <youth@example.edu.cn> 写道：\n> ' + OLD.replace('\n', '\n> ')


def foxmail(text):
    return text + '\n\n\n\n赵小明\n电话：13800007777\n \n发件人： 青年之声\n发送时间： 2016-06-01 20:28\n收件人： all\n主题： 双周报\n' + OLD


def outlook(text):
    return text + '\n\n-----邮件原件-----\n发件人: 青年之声 <youth@example.edu.cn>\n发送时间: 2016年6月1日 15:49\n收件人: all\n主题: 双周报\n\n' + OLD


def phone(text):
    return text + '\n\n发自我的iPhone\n'


def signed(text):
    return text + '\n\n此致\n敬礼！\n\n--\n赵小明  学生会办公室\n手机：13800007777  邮箱：zhao@example.edu.cn\n'


def forward(text):
    return '老师好，转发如下，请查收。\n\n-------- 转发邮件信息 --------\n发件人："李四" <li@example.edu.cn>\n发送日期：2016-06-01 10:33:41\n收件人："赵小明" <zhao@example.edu.cn>\n主题：报表\n\n' + text


CLIENTS = [str, qq, netease, foxmail, outlook, phone, signed, forward]
COVERS = ['老师好，附件是本期材料，请查收。\n', '见附件，谢谢！\n\n发自我的iPhone\n', '您好！\n    附件已填好，如有问题请联系我：13800006666。\n\n--\n赵小明\n', '']


def written(kind, blocks):
    """(file name or None, bytes, text, html)"""
    base = kind.split('-')[0]
    if base == 'docx':
        return 'docx', forms_render.docx(blocks, kind == 'docx-tracked', kind == 'docx-control'), None, None
    if base == 'xlsx':
        return 'xlsx', forms_render.xlsx([('Sheet1', blocks)]), None, None
    if base == 'odt':
        return 'odt', forms_render.odt(blocks), None, None
    if base == 'htmlfile':
        return 'html', forms_render.html(blocks).encode('gb18030').replace(b'<html>', b'<html><head><meta charset="gb2312"></head>'), None, None
    if base == 'txt':
        return 'txt', forms_render.text(blocks).encode('gb18030'), None, None
    if base == 'csv':
        return 'csv', forms_render.csv(blocks).encode('gb18030'), None, None
    if base in ('html', 'htmltext'):
        return None, None, forms_render.text(blocks), forms_render.html(blocks, 'div' if base == 'htmltext' else 'p')
    return None, None, forms_render.text(blocks), None


def mail_of(data, blocks, kind, client, number):
    name, content, text, html = written(kind, blocks)
    sent = datetime.datetime.combine(data.last, datetime.time(9, 30), ZONE) + datetime.timedelta(days=data.random.randint(0, 3))
    subject = {'biweekly': '双周报', 'receipt': '联系回执', 'question_log': '问题台账'}.get(data.form, '附件')
    files = [(subject + '.' + name, content)] if name else []
    body = data.random.choice(COVERS) if name else client(text)
    return material.mail(('赵小明', 'zhao@example.edu.cn'), 'youth@example.edu.cn', subject, body, sent, 'sample.%d@example.edu.cn' % number, files,
                         data.random.choice(['utf-8', 'gb18030']), html)


# ---- documents that are no form ----------------------------------------------------------------------------------------

def notice():
    return ['关于做好青年之声双周报报送工作的通知', '各学院团委：', '请各单位于每月13日、27日前报送双周报，填写提问量、回答量等数据。联系人：赵老师，联系电话：13800005555。', '校团委', '2016年6月1日']


def timetable():
    return ['2016年春季学期课程表', [['时间', '星期一', '星期二', '星期三'], ['1-2节', '高等数学', '大学英语', '体育'], ['3-4节', '线性代数', '', '物理'], ['5-6节', '', '思修', '']]]


def cv():
    return ['个人简历', [['姓名', '甲某某', '性别', '女'], ['出生年月', '1996年5月', '民族', '汉'], ['联系电话', '13800004444', '邮箱', 'cv@example.com'], ['求职意向', ('行政助理', 3, 1)]],
            '教育经历', [['时间', '学校', '专业'], ['2014.9-2018.6', '某大学', '汉语言']]]


def invoice():
    return ['销售发票', [['品名', '数量', '单价', '金额'], ['打印纸', '10', '25.00', '250.00'], ['合计', '', '', '250.00']], '购货单位：某某学院', '日期：2016年6月1日']


def enrolment():
    return ['志愿者报名表', [['姓名', '甲某某', '学号', '2015000111'], ['学院', '法学院', '电话', '13800004444'], ['特长', ('摄影', 3, 1)]]]


NO_FORMS = [notice, timetable, cv, invoice, enrolment]


def blank_template(data, style):
    data.values = {k: None for k in data.values}
    data.tables = {}
    style.blank = ''
    keys = forms_layouts.HEAD + forms_layouts.FIGURES + forms_layouts.MORE + forms_layouts.PROSE
    return [forms_layouts.title(data), forms_layouts.pairs(data, style, keys), '典型问题', [['序号', '问题内容', '提问时间', '答复人', '状态'], ['1', '', '', '', ''], ['2', '', '', '', '']]]


# ---- all of it ---------------------------------------------------------------------------------------------------------

def draw_form(layout, seed, turn):
    """(mail, truth) of one layout; turn chooses format and client."""
    data = forms_data.Data(seed)
    if layout in forms_layouts.BIWEEKLY:
        first = datetime.date(2016, 12, 28) if data.random.random() < .1 else None
        data.biweekly(first)
    elif layout in forms_layouts.RECEIPT:
        data.receipt(data.random.randint(10, 14))
    else:
        data.log()
    style = forms_data.Style(data.random)
    formats = FORMATS['lines' if layout in forms_layouts.LINES else 'log' if layout in forms_layouts.LOG else 'docx']
    kind = formats[(turn + seed) % len(formats)]
    client = CLIENTS[(turn * 3 + seed) % len(CLIENTS)] if kind == 'text' else str
    blocks = layout(data, style)
    truth = forms_data.truth_of(data, style.blank)
    truth.update(layout=layout.__name__, format=kind, client=client.__name__, producer='own', wrap=None, charset=None,
                 traits=['number-' + style.number, 'date-' + style.date, 'phone-' + style.phone, 'joint-' + style.joint.strip()])
    return mail_of(data, blocks, kind, client, seed), truth


def draw_negative(make, seed):
    data = forms_data.Data(seed).biweekly(lists=False)
    truth = {'kind': 'unknown', 'form': None, 'fields': {}, 'tables': {}, 'absent': sorted(data.values), 'problem': 'wrong_form'}
    if make is blank_template:
        blocks = make(data, forms_data.Style(data.random))
        truth.update(kind={'any_of': ['submission', 'unknown']}, problem='empty')
    else:
        blocks = make()
    kind = ['docx', 'odt', 'xlsx'][seed % 3]
    data.form = 'biweekly' if make is blank_template else None
    truth.update(layout='N-' + make.__name__, format=kind, client='str', producer='own', wrap=None, charset=None, traits=['negative'])
    return mail_of(data, blocks, kind, str, seed), truth


def draw_all(seed, each):
    cases = []
    for number, layout in enumerate(forms_layouts.BIWEEKLY + forms_layouts.RECEIPT + forms_layouts.LOG):
        for turn in range(each):
            cases.append(('%s-%d' % (layout.__name__, turn + 1), *draw_form(layout, seed * 100000 + number * 1000 + turn, turn)))
    for number, make in enumerate(NO_FORMS + [blank_template]):
        cases.append(('no-' + make.__name__, *draw_negative(make, seed * 100000 + 90000 + number)))
    return cases


def main():
    options = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    options.add_argument('directory')
    options.add_argument('--seed', type=int, default=1)
    options.add_argument('--each', type=int, default=2)
    chosen = options.parse_args()
    os.makedirs(chosen.directory, exist_ok=True)
    cases = draw_all(chosen.seed, chosen.each)
    for name, mail, truth in cases:
        with open(os.path.join(chosen.directory, name + '.eml'), 'wb') as out:
            out.write(mail)
        with open(os.path.join(chosen.directory, name + '.json'), 'w', encoding='utf-8') as out:
            json.dump(truth, out, ensure_ascii=False, indent=1)
            out.write('\n')
    print('%d mails in %s' % (len(cases), chosen.directory))


if __name__ == '__main__':
    main()
