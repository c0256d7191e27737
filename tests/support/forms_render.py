"""One neutral document (paragraphs and grids with spans) as Word, OpenDocument, workbook, HTML or text.

A document is a list of blocks: a string is a paragraph, a list of rows is a grid. A cell is a string or (text, columns, rows)."""
from xml.sax.saxutils import escape
import material

OFFICE = 'urn:oasis:names:tc:opendocument:xmlns:office:1.0'
TEXT = 'urn:oasis:names:tc:opendocument:xmlns:text:1.0'
TABLE = 'urn:oasis:names:tc:opendocument:xmlns:table:1.0'


def laid_out(rows):
    """Per row (column, text, columns, rows) of the cells that begin in it, and per row the columns that a cell above covers."""
    taken, begins, covered = {}, [], []
    for r, row in enumerate(rows):
        line, column = [], 0
        for cell in row:
            text, width, height = cell if isinstance(cell, tuple) else (cell, 1, 1)
            while (r, column) in taken:
                column += 1
            line.append((column, str(text), width, height))
            for y in range(height):
                for x in range(width):
                    if y:
                        taken[r + y, column + x] = (column, width)
            column += width
        begins.append(line)
        covered.append({c: w for (y, c), (start, w) in taken.items() if y == r and c == start})
    return begins, covered


def lines(text):
    return text.split('\n')


# ---- Word -------------------------------------------------------------------------------------------------------------

def word_run(text, mark=''):
    return f'<w:r>{mark}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def word_text(text, tracked=False):
    """Runs of a cell or paragraph, as Word splits them; tracked: the text is an insertion beside a deleted one."""
    if tracked and text:
        return ('<w:del w:id="1" w:author="a"><w:r><w:delText>99</w:delText></w:r></w:del><w:ins w:id="2" w:author="a">' + word_run(text) + '</w:ins>')
    return ''.join(word_run(text[i:i + 5]) for i in range(0, len(text), 5))


def word_cell(text, width, merge, tracked, control):
    props = '<w:tcW w:w="1500" w:type="dxa"/>' + (f'<w:gridSpan w:val="{width}"/>' if width > 1 else '') + merge
    body = ''.join('<w:p>' + word_text(t, tracked) + '</w:p>' for t in lines(text))
    if control and text:
        body = '<w:sdt><w:sdtPr/><w:sdtContent>' + body + '</w:sdtContent></w:sdt>'
    return f'<w:tc><w:tcPr>{props}</w:tcPr>{body}</w:tc>'


def word_table(rows, tracked, control):
    begins, covered = laid_out(rows)
    out = ''
    for line, above in zip(begins, covered):
        cells = {c: word_cell(t, w, '<w:vMerge w:val="restart"/>' if h > 1 else '', tracked and any(d in t for d in '0123456789'), control)
                 for c, t, w, h in line}
        cells.update({c: word_cell('', w, '<w:vMerge/>', False, False) for c, w in above.items()})
        out += '<w:tr>' + ''.join(cells[c] for c in sorted(cells)) + '</w:tr>'
    return '<w:tbl><w:tblPr/>' + out + '</w:tbl>'


def docx(blocks, tracked=False, control=False, boxed=False):
    """boxed: the first paragraph behind the title stands in a text box."""
    body = ''
    for i, block in enumerate(blocks):
        if not isinstance(block, str):
            body += word_table(block, tracked, control) + '<w:p/>'
        elif boxed and i == 1:
            body += ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>' +
                     ''.join('<w:p>' + word_text(t) + '</w:p>' for t in lines(block)) + '</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>')
        else:
            body += ''.join('<w:p>' + word_text(t) + '</w:p>' for t in lines(block))
    return material.word_package(body)


# ---- OpenDocument -----------------------------------------------------------------------------------------------------

def odt(blocks):
    body = ''
    for block in blocks:
        if isinstance(block, str):
            body += ''.join(f'<text:p>{escape(t)}</text:p>' for t in lines(block))
            continue
        begins, covered = laid_out(block)
        body += '<table:table>'
        for line, above in zip(begins, covered):
            cells = {}
            for c, t, w, h in line:
                cells[c] = (f'<table:table-cell table:number-columns-spanned="{w}" table:number-rows-spanned="{h}">' +
                            ''.join(f'<text:p>{escape(x)}</text:p>' for x in lines(t)) + '</table:table-cell>' + '<table:covered-table-cell/>' * (w - 1))
            cells.update({c: '<table:covered-table-cell/>' * w for c, w in above.items()})
            body += '<table:table-row>' + ''.join(cells[c] for c in sorted(cells)) + '</table:table-row>'
        body += '</table:table>'
    content = (f'<?xml version="1.0"?><office:document-content xmlns:office="{OFFICE}" xmlns:text="{TEXT}" xmlns:table="{TABLE}"><office:body>'
               f'<office:text>{body}</office:text></office:body></office:document-content>')
    return material.zipped([('mimetype', 'application/vnd.oasis.opendocument.text'), ('content.xml', content),
                            ('META-INF/manifest.xml', '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')])


# ---- workbook ---------------------------------------------------------------------------------------------------------

def column_name(c):
    return (chr(64 + c // 26) if c >= 26 else '') + chr(65 + c % 26)


def sheet_xml(blocks):
    """Blocks below each other, as they would be typed into one sheet."""
    rows, merges = [], []
    for block in blocks:
        if isinstance(block, str):
            block = [[(t, 4, 1)] for t in lines(block)]
        begins, _ = laid_out(block)
        for line in begins:
            number, cells = len(rows) + 1, ''
            for c, t, w, h in line:
                place = column_name(c) + str(number)
                if w > 1 or h > 1:
                    merges.append(f'{place}:{column_name(c + w - 1)}{number + h - 1}')
                if t.isdigit() and len(t) < 6 and t.isascii():
                    cells += f'<c r="{place}"><v>{t}</v></c>'
                elif t:
                    cells += f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(t)}</t></is></c>'
            rows.append(f'<row r="{number}">{cells}</row>')
    merged = f'<mergeCells count="{len(merges)}">' + ''.join(f'<mergeCell ref="{m}"/>' for m in merges) + '</mergeCells>' if merges else ''
    return f'<?xml version="1.0"?><worksheet xmlns="{material.SHEET}"><sheetData>{"".join(rows)}</sheetData>{merged}</worksheet>'


def xlsx(sheets):
    """sheets: (name, blocks)."""
    return material.workbook_package([(name, sheet_xml(blocks)) for name, blocks in sheets])


# ---- HTML and text ----------------------------------------------------------------------------------------------------

def html(blocks, paragraph='p'):
    out = ''
    for block in blocks:
        if isinstance(block, str):
            out += f'<{paragraph}>' + '<br>'.join(escape(t) for t in lines(block)) + f'</{paragraph}>\n'
            continue
        begins, _ = laid_out(block)
        out += '<table border="1">' + ''.join('<tr>' + ''.join(
            '<td%s%s>%s</td>' % (f' colspan="{w}"' if w > 1 else '', f' rowspan="{h}"' if h > 1 else '', '<br>'.join(escape(x) for x in lines(t)) or '&nbsp;')
            for c, t, w, h in line) + '</tr>' for line in begins) + '</table>\n'
    return '<html><body>' + out + '</body></html>'


def text(blocks, joint='\t'):
    out = []
    for block in blocks:
        if isinstance(block, str):
            out.append(block)
        else:
            out += [joint.join(t.replace('\n', ' ') for _, t, _, _ in line) for line in laid_out(block)[0]]
    return '\n'.join(out) + '\n'


def csv(blocks):
    quoted = lambda t: '"' + t.replace('"', '""') + '"' if any(c in t for c in ',"\n') else t
    out = []
    for block in blocks:
        rows = [[block]] if isinstance(block, str) else [[t for _, t, _, _ in line] for line in laid_out(block)[0]]
        out += [','.join(quoted(t) for t in row) for row in rows]
    return '\r\n'.join(out) + '\r\n'
