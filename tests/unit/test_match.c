#include "parsers/match.h"

#include <string.h>

#include "parsers/submission.h"
#include "tests/unit/youth_voice.h"

/* A document in short: lines are paragraphs; "[" … "]" holds a grid, a row a line, cells between |, "<" is
 * merged with the cell to its left, "^" with the one above; \n inside a cell is written as /n. */
typedef struct {
    const char *name, *text, *form;
    const char *expected; /* "key=value" a line; "key=" must be absent; "table.row.column=value" */
} Case;

/* clang-format off */
static const Case cases[] = {
    {"labels below values in a grid",
     "双周报\n[\n护理学院学生会|学习科研\n（单位）|（板块）\n6.14-6.27|张三\n（汇报周期）|（填报人）\n35|33\n（提问量）|（回答量）\n]",
     "biweekly", "org=护理学院学生会\nsection=学习科研\nperiod=2016-06-14 – 2016-06-27\nreporter=张三\nquestions_received=35\nquestions_answered=33"},
    {"two dates in place of a range",
     "双周报\n[\n单位|护理学院学生会|<|<\n起始日期|6.14|截止日期|2016年6月27日\n提问量|35|回答量|33\n]",
     "biweekly", "org=护理学院学生会\nperiod=2016-06-14 – 2016-06-27\nquestions_received=35"},
    {"two dates in lines, in English",
     "Biweekly report\n单位：护理学院学生会\nStart date: 2016-06-14\nEnd date: 2016-06-27\n提问量：35\n回答量：33",
     "biweekly", "period=2016-06-14 – 2016-06-27\nquestions_answered=33"},
    {"one date is no range, nor are two in the wrong order",
     "双周报\n单位：护理学院学生会\n起始日期：2016-06-27\n截止日期：2016-06-14\n提问量：35",
     "biweekly", "period=\nquestions_received=35"},
    {"a range counts before two dates",
     "双周报\n单位：护理学院学生会\n汇报周期：6.14-6.27\n开始时间：2016-06-01\n结束时间：2016-06-02\n提问量：35",
     "biweekly", "period=2016-06-14 – 2016-06-27"},
    {"a list of people is no form, though people have names and telephones",
     "[\nName|Organization|Phone|Email|Date\n张三|护理学院学生会|13800001234|a@example.com|2016-06-14\n]", "", ""},
    {"labels below values in lines",
     "双周报\n护理学院学生会          6.14-6.27\n（单位名称）          （汇报周期）\n张三          13800001234\n（填报人）     （联系电话）\n提问量：35\n回答量：33",
     "biweekly", "org=护理学院学生会\nperiod=2016-06-14 – 2016-06-27\nreporter=张三\nreporter_phone=13800001234\nquestions_received=35"},
    {"labels below the fill-in line in a cell",
     "联系回执表\n[\n护理学院学生会/n（组织名称）|学习科研/n（负责板块）\n张三/n（负责人姓名）|13800001234/n（负责人电话）\n李四/n（联络员姓名）|13800005678/n（联络员电话）\n]",
     "receipt", "org=护理学院学生会\nsection=学习科研\nleader_name=张三\nleader_phone=13800001234\nliaison_name=李四\nliaison_phone=13800005678"},
    {"label over value in one cell",
     "双周报\n[\n单位/n护理学院学生会|汇报周期/n6.14-6.27\n提问量/n35|回答量/n33\n]",
     "biweekly", "org=护理学院学生会\nperiod=2016-06-14 – 2016-06-27\nquestions_received=35\nquestions_answered=33"},
    {"daily figures that run to the right",
     "双周报\n[\n单位|护理学院学生会|汇报周期|6.14-6.27\n提问量|12|回答量|11\n]\n每日数据\n[\n日期|6.14|6.15|6.16|6.17\n提问量|3|4|5|0\n回答量|3|4|4|0\n]",
     "biweekly", "questions_received=12\nquestions_answered=11\nrows.daily=4\ndaily.1.date=2016-06-15\ndaily.2.questions=5\ndaily.2.answers=4"},
    {"two records side by side",
     "联系回执表\n[\n组织名称|护理学院学生会\n负责人姓名|张三\n负责人电话|13800001234\n]\n工作人员名单\n[\n姓名|学号|联系电话|姓名|学号|联系电话\n甲一|2016001|13800000001|甲二|2016002|13800000002\n甲三|2016003|13800000003| | | \n]",
     "receipt", "rows.members=3\nmembers.0.name=甲一\nmembers.1.name=甲二\nmembers.1.phone=13800000002\nmembers.2.student_id=2016003"},
    {"groups in columns over pairs",
     "联系回执表\n[\n组织名称|护理学院学生会|<|<|<|<\n指导老师|<|负责人|<|联络员|<\n姓名|王老师|姓名|张三|姓名|李四\n电话|13800000001|电话|13800000002|电话|13800000003\n]",
     "receipt", "advisor_name=王老师\nadvisor_phone=13800000001\nleader_name=张三\nleader_phone=13800000002\nliaison_name=李四\nliaison_phone=13800000003"},
    {"matrix with groups on top",
     "联系回执表\n[\n项目|指导老师|负责人|联络员\n姓名|王老师|张三|李四\n联系电话|13800000001|13800000002|13800000003\n邮箱|a@example.com|b@example.com|c@example.com\n]\n单位：护理学院学生会",
     "receipt", "org=护理学院学生会\nadvisor_name=王老师\nleader_phone=13800000002\nliaison_email=c@example.com\nadvisor_email=a@example.com"},
    {"groups in a column merged only by eye",
     "联系回执表\n[\n单位|护理学院学生会|<\n指导老师|姓名|王老师\n|电话|13800000001\n负责人|姓名|张三\n|电话|13800000002\n联络员|姓名|李四\n|电话|13800000003\n]",
     "receipt", "advisor_phone=13800000001\nleader_name=张三\nleader_phone=13800000002\nliaison_name=李四\nliaison_phone=13800000003"},
    {"a header of labels over values, twice",
     "双周报\n[\n单位|板块|汇报周期|填报人\n护理学院学生会|学习科研|6.14-6.27|张三\n提问量|回答量|24小时内答复数|点赞量\n35条|33条|30条|120\n]",
     "biweekly", "org=护理学院学生会\nsection=学习科研\nreporter=张三\nquestions_received=35\nquestions_answered=33\nanswered_24h=30\nlikes=120"},
    {"a small grid for each question",
     "双周报\n单位：护理学院学生会\n提问量：2\n回答量：1\n典型问题\n[\n问题内容|校园网经常掉线怎么办？\n提问时间|2016-06-14 09:30\n状态|已答复\n]\n[\n问题内容|图书馆几点关门？\n提问时间|2016-06-15 10:00\n状态|未答复\n]",
     "biweekly", "rows.questions=2\nquestions.0.question=校园网经常掉线怎么办？\nquestions.0.asked_at=2016-06-14T09:30\nquestions.1.status=未答复"},
    {"questions as pairs in lines",
     "双周报\n单位：护理学院学生会\n提问量：2\n回答量：1\n典型问题：\n问题内容：校园网经常掉线怎么办？\n提问时间：2016-06-14 09:30\n处理情况：已答复\n问题内容：图书馆几点关门？\n提问时间：2016-06-15 10:00\n处理情况：未答复",
     "biweekly", "questions_received=2\nrows.questions=2\nquestions.0.asked_at=2016-06-14T09:30\nquestions.1.question=图书馆几点关门？"},
    {"value on the line after its label",
     "双周报\n单位名称：\n护理学院学生会\n汇报周期：\n6.14-6.27\n提问量：\n35\n回答量：\n33\n存在问题：\n1、重复提问较多；\n2、人手不足。\n下期计划：\n培训新干事。",
     "biweekly", "org=护理学院学生会\nperiod=2016-06-14 – 2016-06-27\nquestions_received=35\nissues=1、重复提问较多；/n2、人手不足。\nplan=培训新干事。"},
    {"no colons",
     "双周报\n单位  护理学院学生会\n提问量 35\n回答量 33条\n点赞量____120____\n学生骨干回答量……20",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33\nlikes=120\nbackbone_answers=20"},
    {"a range in three cells, a phone with one digit a cell",
     "双周报\n[\n单位|护理学院学生会|<|<|<|<|<|<|<|<|<|<\n汇报周期|2016年6月14日|至|2016年6月27日| | | | | | | | \n联系电话|1|3|8|0|0|0|0|1|2|3|4\n提问量|35|<|<|<|<|<|<|<|<|<|<\n]",
     "biweekly", "period=2016-06-14 – 2016-06-27\nreporter_phone=13800001234\nquestions_received=35"},
    {"a name with its phone in one place",
     "联系回执表\n[\n单位|护理学院学生会\n负责人|张三 13800001234\n联络员|李四（13800005678）\n]",
     "receipt", "leader_name=张三\nleader_phone=13800001234\nliaison_name=李四\nliaison_phone=13800005678"},
    {"reworded labels that nobody listed",
     "双周报\n[\n填报的单位名称|护理学院学生会|汇报时间区段|6.14-6.27\n收集到的提问数|35|已经答复的问题数|33\n24小时之内答复的|30|获得点赞数量|120\n专职团干部的回答|5|骨干同学回答数|20\n存在的不足和问题|重复提问较多。|下一期的工作计划|培训新干事。\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nanswered_24h=30\nlikes=120\ncadre_answers=5"},
    {"a row of reworded labels over its values: no label is the value of another",
     "双周报\n[\n报送部门全称|值守板块|本期起止时间|表格填写者|填表同学电话|同学提问总条数|24小时之内解决\n医学院学生会|学习生活|6.14-6.27|张三|13800001234|47|40\n]",
     "biweekly", "org=医学院学生会\nsection=学习生活\nperiod=2016-06-14 – 2016-06-27\nreporter_phone=13800001234\nquestions_received=47\nanswered_24h=40"},
    {"merged heads over labels are no values, a figure below a role is its own",
     "双周报\n[\n单位|护理学院学生会|<|<|<|<|<\n]\n[\n提问情况|答复情况|<|<|答复主体|<|互动\n提问量|回答量|24小时内答复数|未答复数|专职团干部|学生骨干|点赞量\n39|36|33|3|10|26|596\n]",
     "biweekly", "questions_received=39\nurgent=\nbackbone_likes=\nlikes=596"},
    {"a column of labels in one cell, their values in the next",
     "双周报\n[\n单位/n汇报周期/n填报人|护理学院学生会/n6.14-6.27/n张三\n提问量/n回答量/n点赞量|35/n33/n120\n]",
     "biweekly", "org=护理学院学生会\nperiod=2016-06-14 – 2016-06-27\nreporter=张三\nquestions_received=35\nquestions_answered=33\nlikes=120"},
    {"… but not where one line more or less stands, or another's value",
     "双周报\n[\n单位|护理学院学生会\n提问量/n回答量/n点赞量|35/n33\n24小时内答复数/n填报人|张三/n30\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=\nquestions_answered=\nlikes=\nanswered_24h=\nreporter="},
    {"the same as in the row before",
     "双周报\n[\n单位|护理学院学生会\n提问量|3\n回答量|3\n]\n典型问题\n[\n序号|问题内容|答复人\n1|图书馆几点闭馆？|张三\n2|四级何时报名？|同上\n3|校园网怎么办？|〃\n]",
     "biweekly", "rows.questions=3\nquestions.1.answered_by=张三\nquestions.2.answered_by=张三"},
    {"persons side by side over their particulars are no list",
     "联系回执表\n[\n单位名称|所属队伍|负责人|<|联络员|<\n^|^|姓名|手机|姓名|手机\n护理学院学生会|团帮青|张三|13800001234|李四|13800005678\n]",
     "receipt", "org=护理学院学生会\nteam=团帮青\nleader_name=张三\nleader_phone=13800001234\nliaison_name=李四\nliaison_phone=13800005678\nrows.members=0"},
    {"prompts of empty content controls",
     "双周报\n[\n单位|护理学院学生会\n提问量|35\n存在问题|点击或轻敲此处以输入文字。\n意见建议|[键入文字]\n]",
     "biweekly", "questions_received=35\nissues=\nsuggestions="},
    {"figures of something else are left alone",
     "双周报\n[\n单位|护理学院学生会\n提问量|35\n回答量|33\n会议次数|4\n参会人次|120\n咨询电话|0411-55550000\n]",
     "biweekly", "questions_received=35\nlikes=\nreporter_phone=\ncomments=\nmembers="},
    {"a list that goes on in a second grid without a header",
     "联系回执表\n[\n单位|护理学院学生会\n负责人姓名|张三\n负责人电话|13800001234\n]\n[\n序号|姓名|学号|电话\n1|甲一|2016001|13800000001\n]\n[\n2|甲二|2016002|13800000002\n3| | | \n]",
     "receipt", "rows.members=2\nmembers.1.name=甲二"},
    {"sample, total, empty and repeated header rows",
     "双周报\n[\n单位|护理学院学生会\n提问量|7\n回答量|7\n]\n[\n日期|提问量|回答量\n例：6.1|3|3\n6.14|3|3\n日期|提问量|回答量\n6.15|4|4\n合计|7|7\n | | \n]",
     "biweekly", "rows.daily=2\ndaily.1.date=2016-06-15\nquestions_received=7"},
    {"a list inside the form's own grid",
     "双周报\n[\n单位|护理学院学生会|<\n提问量|2|<\n典型案例|<|<\n案例名称|类别|时间\n化解矛盾|线下|6.20\n意见建议|建议每月培训一次。|<\n]",
     "biweekly", "rows.cases=1\ncases.0.kind=线下\ncases.0.date=2016-06-20\nsuggestions=建议每月培训一次。"},
    {"several pairs a line, groups by heading",
     "联系回执表\n单位：护理学院学生会    所属队伍：团帮青\n一、指导老师\n姓名：王老师  电话：13800000001\n二、负责人\n姓名：张三，职务：主席，电话：13800000002\n三、联络员\n姓名：李四；电话：13800000003；邮箱：c@example.com",
     "receipt", "team=团帮青\nadvisor_phone=13800000001\nleader_title=主席\nleader_phone=13800000002\nliaison_email=c@example.com"},
    {"group and its particulars in one line",
     "联系回执表\n单位：护理学院学生会\n指导老师：王老师，电话：13800000001\n负责人：张三，职务：主席，电话：13800000002\n联络员：李四，电话：13800000003，邮箱：c@example.com",
     "receipt", "advisor_name=王老师\nadvisor_phone=13800000001\nleader_name=张三\nleader_title=主席\nleader_phone=13800000002\nliaison_name=李四\nliaison_email=c@example.com"},
    {"prose",
     "双周报\n护理学院学生会6月14日至6月27日工作情况如下：本期共收集提问35条，回答33条，其中24小时内答复30条，未答复2条，点赞量120个。\n单位：护理学院学生会",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33\nanswered_24h=30\nunanswered=2\nlikes=120"},
    {"a colon in a cell of its own and a unit behind the value",
     "双周报\n[\n单位|：|护理学院学生会| \n提问量|：|35|条\n回答量|：|33|条\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33"},
    {"unit of measurement is no organization",
     "双周报\n（单位：条）\n[\n部门|护理学院学生会\n提问量|35\n回答量|33\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=35"},
    {"instructions give no values",
     "联系回执表\n[\n单位|护理学院学生会\n负责人姓名|张三\n负责人电话|13800001234\n]\n填表说明：\n1. 联络员电话：请填写手机；\n2. 邮箱：youth@example.edu.cn；\n3. 联络员姓名：如李四。",
     "receipt", "leader_phone=13800001234\nliaison_phone=\nliaison_email=\nliaison_name="},
    {"a name and its phone under one label",
     "联系回执表\n单位：护理学院学生会\n负责人姓名/电话：张三/13800001234\n联络员及联系方式：李四、13800005678\n指导老师：王老师（副教授，13800009999）",
     "receipt", "leader_name=张三\nleader_phone=13800001234\nliaison_name=李四\nliaison_phone=13800005678\nadvisor_name=王老师"},
    {"figures in numbered sentences",
     "护理学院学生会双周报\n1. 提问量35条，回答量33条，24小时内答复30条；\n2. 点赞量120个。\n填报人：张三  联系电话：13800001234",
     "biweekly", "questions_received=35\nquestions_answered=33\nanswered_24h=30\nlikes=120\nreporter_phone=13800001234"},
    {"a matrix in rows of a sheet with a title column",
     "联系回执表\n[\n单位|护理学院学生会| | \n类别|姓名|职务|电话\n指导老师|王老师|教授|13800009999\n负责人|张三|主席|13800001234\n联络员|李四|干事|13800005678\n]",
     "receipt", "advisor_name=王老师\nleader_title=主席\nliaison_phone=13800005678"},
    {"a matrix of roles and figures",
     "双周报\n[\n单位|护理学院学生会| \n提问量|35| \n]\n[\n类别|回答量|点赞量\n专职团干部|5|12\n学生骨干|28|90\n]\n点赞量：102",
     "biweekly", "cadre_answers=5\nbackbone_answers=28\ncadre_likes=12\nbackbone_likes=90\nlikes=102\nquestions_answered="},
    {"roles over figures, and a figure of the form below",
     "双周报\n[\n单位|护理学院学生会|提问量|35\n专职团干部|<|学生骨干|<\n回答量|点赞量|回答量|点赞量\n5|12|28|90\n点赞量|102|<|<\n]",
     "biweekly", "cadre_answers=5\nbackbone_likes=90\nlikes=102"},
    {"a role's figure leaves the next label alone",
     "双周报\n[\n单位|护理学院学生会|提问量|35\n专职团干部回答量|5|学生骨干回答量|28\n点赞量|102|回答量|33\n]",
     "biweekly", "cadre_answers=5\nlikes=102\nquestions_answered=33\nbackbone_likes="},
    {"groups on the right",
     "联系回执表\n[\n单位|护理学院学生会|队伍|团帮青| \n姓名|王老师|电话|13800000001|指导老师\n姓名|张三|电话|13800000002|负责人\n职务|主席|邮箱|b@example.com|^\n]",
     "receipt", "advisor_name=王老师\nadvisor_phone=13800000001\nleader_name=张三\nleader_email=b@example.com\nleader_title=主席"},
    {"the key of a list reworded",
     "双周报\n[\n单位|护理学院学生会|板块|学习科研\n提问量|2|回答量|1\n]\n[\n编号|学生提出的问题|板块|提出时间|状态\n1|校园网掉线？|网络|2016-06-14 09:30|已答复\n2|几点关门？|后勤|2016-06-15 10:00|未答复\n]",
     "biweekly", "section=学习科研\nrows.questions=2\nquestions.1.question=几点关门？\nquestions.0.section=网络"},
    {"figures with a column of units, a colon before the value, two labels for one place",
     "双周报\n[\n组织名称|：护理学院学生会|<\n指标|单位|本期\n提问量/回答量|条|35/33\n点赞量|次|120\n转发量|次|7\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33\nlikes=120\nreposts=7"},
    {"traditional characters, brackets, copulas, weekdays",
     "雙週報\n[\n組織名稱|護理學院學生會\n]\n【提问量】35\n回答量为33条，点赞量是120次。\n汇报周期：2016年6月14日（星期二）至2016年6月27日（星期一）\n填报人是张三。",
     "biweekly", "org=護理學院學生會\nquestions_received=35\nquestions_answered=33\nlikes=120\nperiod=2016-06-14 – 2016-06-27\nreporter=张三"},
    {"a sum by a name that nobody listed",
     "双周报\n[\n单位|护理学院学生会\n提问量|7\n]\n[\n日期|提问量|回答量\n6.14|3|3\n6.15|4|4\n两天一共|7|7\n]",
     "biweekly", "rows.daily=2"},
    {"figures of another period beside and below",
     "双周报\n[\n组织名称|护理学院学生会|<|<\n项目|上期|本期|增减\n提问量|20|35|15\n回答量|18|33|15\n]\n上期点赞量：900\n累计转发量：5000",
     "biweekly", "questions_received=35\nquestions_answered=33\nlikes=\nreposts="},
    {"parts of a figure, and their total",
     "双周报\n单位：护理学院学生会\n[\n板块|提问量|回答量|点赞量\n学习科研|20|19|7\n权益服务|15|14|8\n合计|35|33|\n]",
     "biweekly", "questions_received=35\nquestions_answered=33\nsection=\nlikes="},
    {"parts beside each other, with and without a total",
     "双周报\n单位：护理学院学生会\n[\n |第一周|第二周|合计\n提问量|20|15|35\n回答量|19|14|33\n]\n[\n |第一周|第二周\n点赞量|7|8\n]",
     "biweekly", "questions_received=35\nquestions_answered=33\nlikes="},
    {"units below labels, an example before the value",
     "双周报\n[\n项目|填写示例|填写内容\n组织名称|某某学院学生会|护理学院学生会\n]\n[\n提问量|回答量|点赞量\n（条）|（条）|（次）\n35|33|120\n]",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33\nlikes=120"},
    {"roles in lines",
     "双周报\n单位：护理学院学生会\n提问量：35\n专职团干部：回答量5，点赞量12\n学生骨干：回答量：28 点赞量：90\n点赞量：102\n回答量：33",
     "biweekly", "cadre_answers=5\ncadre_likes=12\nbackbone_answers=28\nbackbone_likes=90\nlikes=102\nquestions_answered=33"},
    {"roles as headings of lines",
     "双周报\n单位：护理学院学生会\n提问量：35\n（一）专职团干部\n回答量：5\n点赞量：12\n（二）学生骨干\n回答量：28\n点赞量：90\n点赞量：102",
     "biweekly", "cadre_answers=5\nbackbone_answers=28\nbackbone_likes=90\nlikes=102\nquestions_answered="},
    {"an office behind the name, and somebody else in the same line",
     "双周报\n单位：护理学院学生会\n提问量：35\n回答量：33\n填报人：张三（副部长） 审核人：王五 13800007777",
     "biweekly", "reporter=张三\nreporter_phone="},
    {"a job title that is the name of a group",
     "联系回执表\n[\n单位|护理学院学生会|队伍|团帮青\n负责人姓名|张三|职务|负责人\n电话|13800000002|邮箱|b@example.com\n]",
     "receipt", "leader_name=张三\nleader_title=负责人\nleader_phone=13800000002"},
    {"a title in one cell, the form beside it",
     "[\n双周报|<|<|<\n单位|护理学院学生会|板块|学习科研\n提问/n情况|提问量|35|条\n^|回答量|33|条\n]",
     "biweekly", "org=护理学院学生会\nsection=学习科研\nquestions_received=35\nquestions_answered=33"},
    {"columns without colons, and a label of them without its value",
     "双周报\n单位  护理学院学生会    板块  学习科研\n提问量  35    回答量  33    点赞量",
     "biweekly", "org=护理学院学生会\nsection=学习科研\nquestions_received=35\nquestions_answered=33\nlikes="},
    {"a table drawn with characters",
     "双周报\n+--------+----------------+\n| 单位   | 护理学院学生会 |\n+--------+----------------+\n| 提问量 | 35 |\n+--------+----------------+\n| 回答量 | 33 |\n+--------+----------------+",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nquestions_answered=33"},
    {"a table drawn with box characters, a list in its last row",
     "双周报\n┌────┬────┐\n│单位│护理学院学生会│\n├────┼────┤\n│提问量│35│\n├────┼────┤\n│存在问题│1. 重复提问较多；│\n2. 人手不足。\n└────┴────┘",
     "biweekly", "org=护理学院学生会\nquestions_received=35\nissues=1. 重复提问较多；/n2. 人手不足。"},
    {"a bar in a sentence makes no table",
     "双周报\n单位：护理学院学生会\n提问量：35\n回答量：33\n意见建议：增加A|B两组。",
     "biweekly", "suggestions=增加A|B两组。\nquestions_answered=33"},
    {"options in cells of their own, wide ones too",
     "联系回执表\n[\n单位|护理学院学生会|<|<|<\n所属队伍|☑团帮青|<|□专帮青|□青帮青\n负责人姓名|张三|负责人电话|13800001234|<\n]",
     "receipt", "team=团帮青\nleader_name=张三\nleader_phone=13800001234"},
    {"a range over two rows beside its label",
     "双周报\n[\n单位|护理学院学生会|<\n汇报周期|开始|6月14日\n^|结束|6月27日\n提问量|35|<\n回答量|33|<\n]",
     "biweekly", "period=2016-06-14 – 2016-06-27\nquestions_received=35"},
    {"a text over several rows, the form's instructions below",
     "双周报\n[\n单位|护理学院学生会\n提问量|35\n存在问题|<\n人手不足。|<\n经费不足。|<\n说明：本表请于周五前发送|<\n]",
     "biweekly", "questions_received=35\nissues=人手不足。/n经费不足。"},
    {"a text over several rows, the next heading below",
     "双周报\n[\n单位|护理学院学生会\n提问量|35\n三、存在问题|<\n人手不足。|<\n四、今后打算|<\n继续宣讲。|<\n]",
     "biweekly", "questions_received=35\nissues=人手不足。"},
    {"another period's rows, and its table",
     "双周报\n单位：护理学院学生会\n[\n |提问量|回答量\n上期|20|18\n本期|35|33\n]\n附：上期数据\n[\n点赞量|900\n转发量|7\n]",
     "biweekly", "questions_received=35\nquestions_answered=33\nlikes=\nreposts="},
};
/* clang-format on */

static void add_row(Grid *grid, guint row, const char *text) {
    g_auto(GStrv) cells = g_strsplit(text, "|", -1);
    for (guint c = 0; cells[c]; c++) {
        g_auto(GStrv) lines = g_strsplit(g_strstrip(cells[c]), "/n", -1);
        g_autofree char *cell = g_strjoinv("\n", lines);
        if (strcmp(cell, "<") == 0 || strcmp(cell, "^") == 0) {
            bool left = *cell == '<';
            Cell *merged = (Cell *)grid_cell_at(grid, left ? row : row - 1, left ? c - 1 : c);
            g_assert_nonnull(merged);
            grid_extend_cell(grid, merged, left ? 0 : 1, left ? 1 : 0);
            continue;
        }
        grid_add_cell(grid, row, c, 1, 1, cell);
    }
}

static Document *document_of(const char *text) {
    Document *document = document_new("表.docx");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Grid *grid = NULL;
    guint row = 0;
    for (guint i = 0; lines[i]; i++) {
        if (strcmp(lines[i], "[") == 0) {
            grid = document_add_grid(document, ORIGIN_BODY, NULL);
            row = 0;
        } else if (strcmp(lines[i], "]") == 0)
            grid = NULL;
        else if (grid)
            add_row(grid, row++, lines[i]);
        else
            document_add_paragraph(document, ORIGIN_BODY, lines[i]);
    }
    return document;
}

/* The value that a path of `expected` names, as text; "" where there is none. */
static char *found_value(const json_t *submission, const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, ".", 3);
    if (g_strv_length(parts) == 3) {
        guint64 row = 0;
        g_assert_true(g_ascii_string_to_unsigned(parts[1], 10, 0, 9999, &row, NULL));
        const json_t *rows = json_object_get(json_object_get(submission, "tables"), parts[0]);
        return value_to_text(json_object_get(json_array_get(rows, row), parts[2]));
    }
    if (strcmp(parts[0], "rows") == 0)
        return g_strdup_printf(
            "%zu", json_array_size(json_object_get(json_object_get(submission, "tables"), parts[1])));
    return value_to_text(
        json_object_get(json_object_get(json_object_get(submission, "fields"), path), "value"));
}

static guint check_case(const FormSet *set, const Case *test) {
    g_autoptr(Document) document = document_of(test->text);
    ValueContext context = value_context_at(1467000000, form_set_zone(set)); /* 2016-06-27 12:00 +0800 */
    g_autoptr(Match) match = match_best(set, document, &context, NULL);
    guint wrong = 0;
    if (!match && !*test->form)
        return 0;
    if (!match || strcmp(match->form->id, test->form) != 0) {
        g_printerr("# %s: form %s\n", test->name, match ? match->form->id : "none");
        return 1;
    }
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_t *submission = submission_build(set, match, "表.docx", problems);
    g_auto(GStrv) lines = g_strsplit(test->expected, "\n", -1);
    for (guint i = 0; lines[i]; i++) {
        char *equals = strchr(lines[i], '=');
        if (!equals)
            continue;
        *equals = 0;
        g_autofree char *found = found_value(submission, lines[i]);
        g_auto(GStrv) expected_lines = g_strsplit(equals + 1, "/n", -1);
        g_autofree char *expected = g_strjoinv("\n", expected_lines);
        if (strcmp(found, expected) != 0) {
            g_printerr("# %s: %s is \"%s\", expected \"%s\"\n", test->name, lines[i], found, expected);
            wrong++;
        }
    }
    json_decref(submission);
    return wrong;
}

static void test_layouts(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    guint wrong = 0;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        wrong += check_case(set, &cases[i]);
    g_assert_cmpuint(wrong, ==, 0);
}

/* A report with more figures in its sentences than anybody writes: the first ones count, the rest is a limit
 * that is named. */
static void test_many_figures(void) {
    g_autoptr(FormSet) set = youth_voice_forms();
    g_autoptr(GString) text = g_string_new("双周报\n本期共收集提问35条，回答33条\n");
    for (guint i = 0; i < 1000; i++)
        g_string_append(text, "1a2a3a4a5a6a7a8a9a0a1\n");
    g_autoptr(Document) document = document_of(text->str);
    document_add_paragraph(document, ORIGIN_BODY, "本期点赞量共7次");
    ValueContext context = value_context_at(1467000000, form_set_zone(set));
    g_autoptr(Match) match = match_best(set, document, &context, NULL);
    g_assert_true(problem_list_has(match->problems, PROBLEM_LIMIT));
    g_autoptr(GPtrArray) problems = problem_list_new();
    json_t *submission = submission_build(set, match, "表.docx", problems);
    g_autofree char *received = found_value(submission, "questions_received");
    g_autofree char *likes = found_value(submission, "likes");
    g_assert_cmpstr(received, ==, "35");
    g_assert_cmpstr(likes, ==, "");
    json_decref(submission);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/match/layouts", test_layouts);
    g_test_add_func("/match/many_figures", test_many_figures);
    return g_test_run();
}
