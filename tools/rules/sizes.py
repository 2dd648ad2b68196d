#===- sizes.py - Files and functions stay short -----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Files have at most 500 lines, functions at most 60, counted from the first
# line of their head to their last brace.  40 is the habit: how many are above
# it is part of the report.
#
# C++ is read by a counter of braces, which formatted code makes reliable: in a
# namespace or class a brace opens a function when what stands before it ends
# like a function's head; within a function only classes are looked into, so
# lambdas and initializers belong to the function around them.
#===----------------------------------------------------------------------===#
import ast
import re

from house import Finding

FILE_LINES = 500
FUNCTION_LINES = 60
HABIT_LINES = 40
TEXT = (".cpp", ".h", ".td", ".fbs", ".py", ".mlir", ".test", ".sh", ".cmake", "CMakeLists.txt", ".in", ".cfg")

# 'file: function' -> why it may be longer.  At best empty.
LONGER = {}

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
                   r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
SCOPE = re.compile(r"^(?:inline\s+)?namespace\b|^extern\s*$"
                   r"|(?:^|[>\s])(?:class|struct|union|enum)\b(?!.*\)\s*(?:const)?$)", re.S)
HEAD_END = re.compile(r"(?:\)|\b(?:const|override|final|noexcept|mutable|try)|&)\s*$|->\s*[\w:<>,\s*&]+$|"
                      r"requires\b.*$", re.S)


def blank(match):
    """The same number of lines without what could be read as code."""
    return re.sub(r"[^\n]", " ", match[0])


def without_template(head):
    """A head behind its template's parameters, in which '=', '(' and 'class' mean nothing."""
    while re.match(r"template\s*<", head):
        angle, round_ = 0, 0
        for at, char in enumerate(head):
            round_ += (char == "(") - (char == ")")
            angle += ((char == "<") - (char == ">")) * (round_ == 0)
            if char == ">" and angle == 0 and round_ == 0:
                break
        head = head[at + 1:].lstrip()
    return head


def is_function(head):
    # An '=' outside parentheses makes it a value, but for operator=.
    flat = re.sub(r"operator\s*\S+?\(", "operator(", head)
    while re.search(r"\([^()]*\)", flat):
        flat = re.sub(r"\([^()]*\)", "<>", flat)
    return "(" in head and "=" not in flat.replace("<=", "").replace(">=", "") and bool(HEAD_END.search(head))


def name_of(head):
    match = re.search(r"([\w:~]+|operator\s*\S+?)\s*\(", re.sub(r"\[\[.*?\]\]", "", head))
    return match[1] if match else "?"


def cpp_functions(text):
    """Yields (name, first line, last line) of each function's definition."""
    code = DIRECTIVE.sub(blank, TOKEN.sub(blank, text))
    stack = []  # what each open brace is: scope, function or value
    head, head_line, line = "", 1, 1
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            stripped = without_template(head.strip())
            if SCOPE.search(stripped):
                kind = "scope"
            elif all(k[0] == "scope" for k in stack[-1:]) and is_function(stripped):
                kind = "function"
            else:
                kind = "value"
            stack.append((kind, name_of(stripped), head_line, head))
            head = ""
        elif char == "}" and stack:
            kind, name, first, before = stack.pop()
            if kind == "function":
                yield name, first, line
            # After a value's brace the head goes on, as in a constructor's `: a{1} {`.
            inside = bool(stack) and stack[-1][0] != "scope"
            head = before + "0" if kind == "value" and not inside else ""
            head_line = first
        elif char == ";" and head.count("(") <= head.count(")"):
            head = ""
        elif re.match(r"\s*(?:public|private|protected)$", head) and char == ":":
            head = ""
        else:
            if not head.strip() and not char.isspace():
                head_line = line
            head += char


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def shell_functions(text):
    start = None
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"(?:function\s+)?([\w-]+)\s*\(\)\s*\{", line)
        if match and not line.rstrip().endswith("}"):
            start = (match[1], number)
        elif line == "}" and start:
            yield start[0], start[1], number
            start = None


def functions(tree):
    kinds = [(tree.files(".cpp", ".h"), cpp_functions), (tree.python(), python_functions),
             (tree.shell(), shell_functions)]
    for files, reader in kinds:
        for file in files:
            for name, first, last in reader(tree.text(file)):
                yield file, name, first, last - first + 1


def check(tree):
    findings, above, count = [], 0, 0
    files = sorted(set(tree.files(*TEXT) + tree.python() + tree.shell()))
    for file in files:
        lines = len(tree.lines(file))
        if lines > FILE_LINES:
            findings.append(Finding(file, 0, f"expects at most {FILE_LINES} lines, but got {lines}; cut it by topic"))
    for file, name, line, length in functions(tree):
        count += 1
        above += length > HABIT_LINES
        excepted = f"{file}: {name}" in LONGER
        if excepted and length <= FUNCTION_LINES:
            findings.append(Finding(file, line, f"expects exceptions that are needed, but '{name}' has {length} lines; "
                                                "remove it from LONGER in tools/rules/sizes.py"))
        if length > FUNCTION_LINES and not excepted:
            findings.append(Finding(file, line, f"expects functions of at most {FUNCTION_LINES} lines, but '{name}' "
                                                f"has {length}; split off what has a name of its own"))
    return f"{len(files)} files, {count} functions ({above} above {HABIT_LINES} lines)", findings
