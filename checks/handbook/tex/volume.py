"""The book as LaTeX for pdflatex: `handbook.tex`, a file for each chapter, formulas for others.

Nothing more is needed than Debian's texlive-latex-base, texlive-latex-recommended and lmodern.
Chinese names are printed where the package CJKutf8 and a font are installed, else left out.
"""

from __future__ import annotations

from ....spec.catalogue import catalogue
from ....spec.notation import STANDARD, Notation
from ....spec.own import own
from ..document import Book, Chapter, Display, Page, Section, Terms, pages, walk
from . import snippets
from .blocks import blocks, joined, title
from .text import code, escaped, heading, line

MAIN = "handbook.tex"
LISTED = 20  # sections of a chapter that the list of contents names; of more, the chapter alone

_PREAMBLE = r"""\documentclass[11pt,a4paper,oneside,DIV=12,headings=small,parskip=half-]{scrbook}
\pdfinfoomitdate=1
\pdftrailerid{}
\pdfsuppressptexinfo=-1
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage{lmodern}
\usepackage{microtype}
\usepackage{amsmath}
\usepackage{amssymb}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{graphicx}
\usepackage{xcolor}
\usepackage[autooneside=false]{scrlayer-scrpage}
\usepackage[hypcap=false,labelformat=empty,font=small,skip=4pt]{caption}
\newif\ifchinese
\IfFileExists{CJKutf8.sty}{\IfFileExists{c70gbsn.fd}{\chinesetrue}{}}{}
\ifchinese
  \usepackage{CJKutf8}
  \DeclareRobustCommand{\foreign}[3]{#1\begin{CJK}{UTF8}{gbsn}#2\end{CJK}#3}
\else
  \newcommand{\foreign}[3]{}
\fi
\usepackage[unicode,colorlinks,allcolors=link,bookmarksnumbered,bookmarksdepth=section]{hyperref}
\definecolor{link}{rgb}{0.05,0.25,0.5}
\DisableLigatures[-,<,>,',`]{encoding=T1,family=tt*}
\clearpairofpagestyles
\automark[section]{chapter}
\ihead{\leftmark}
\ohead{\rightmark}
\cfoot*{\pagemark}
\RedeclareSectionCommands[beforeskip=-1.6ex,afterskip=.4ex]{subsection,subsubsection}
\setcounter{secnumdepth}{1}
\setcounter{tocdepth}{1}
\setlength{\LTcapwidth}{\textwidth}
\setlength{\LTpre}{\medskipamount}
\setlength{\LTpost}{\medskipamount}
\setlength{\emergencystretch}{4em}
\hfuzz=2pt
\raggedbottom
\allowdisplaybreaks
\newsavebox{\measured}
\DeclareRobustCommand{\code}[1]{{\ttfamily #1}}
\newcommand{\anchor}[1]{\raisebox{\baselineskip}[0pt][0pt]{\hypertarget{#1}{}}}
% a formula wider than the line is made smaller, at last
\newcommand{\fitted}[1]{\sbox{\measured}{$\displaystyle #1$}%
  \ifdim\wd\measured>\linewidth\resizebox{\linewidth}{!}{\usebox{\measured}}%
  \else\usebox{\measured}\fi}
\DeclareRobustCommand{\inline}[1]{\ifmmode{#1}\else\sbox{\measured}{$#1$}%
  \ifdim\wd\measured>\linewidth\resizebox{\linewidth}{!}{\usebox{\measured}}\else{$#1$}\fi\fi}
% a title stays with what follows it
\makeatletter
\def\@listi{\leftmargin\leftmargini \topsep 2pt plus 1pt \parsep 0pt \itemsep 2pt plus 1pt}
\let\@listI\@listi
\@listi
\newcommand{\needroom}{\par\if@nobreak\else\penalty-100\begingroup\dimen0=8\baselineskip
  \dimen2=\pagegoal\advance\dimen2 by-\pagetotal
  \ifdim\dimen0>\dimen2\ifdim\dimen2>0pt\vfil\fi\break\fi\endgroup\fi}
\makeatother
\newcommand{\drawing}[2]{\IfFileExists{#1}{\begin{center}\begin{minipage}{\linewidth}\centering
  \sbox{\measured}{\includegraphics{#1}}%
  \ifdim\wd\measured>\linewidth\resizebox{\linewidth}{!}{\usebox{\measured}}%
  \else\usebox{\measured}\fi\captionof{figure}{#2}\end{minipage}\end{center}}{}}
\newcommand{\codeline}[1]{{\par\parskip=0pt\noindent\leftskip=1.5em\hangindent=2em\hangafter=1\raggedright
  \footnotesize\ttfamily #1\strut\par}}
\newcommand{\codebegin}{\par\smallskip}
\newcommand{\codeend}{\par\medskip}
"""


def files(book: Book, notation: Notation = STANDARD) -> dict[str, str]:
    """The book by file name, and its formulas for other documents, in the notation of the book."""
    places = frozenset(_places(book))
    found = {MAIN: _main(book)}
    found |= {f"{one.id}.tex": _chapter(one, places) for one in book.chapters}
    return found | snippets.snippets((*catalogue().values(), *own().values()), notation)


def _main(book: Book) -> str:
    name = escaped(book.title)
    inputs = "\n".join(rf"\input{{{one.id}}}" for one in book.chapters)
    return (
        f"{_PREAMBLE}\\hypersetup{{pdftitle={{{name}}},pdflang={{en}}}}\n"
        f"\\title{{{name}}}\n\\author{{}}\n\\date{{}}\n"
        f"\\begin{{document}}\n\\frontmatter\n\\maketitle\n"
        f"\\vspace*{{\\fill}}\n\\noindent {line(book.colophon)}\n\\clearpage\n"
        f"\\tableofcontents\n\\mainmatter\n{inputs}\n\\end{{document}}\n"
    )


def _chapter(chapter: Chapter, places: frozenset[str]) -> str:
    sections = sum(isinstance(block, Section) for block in chapter.blocks)
    listed = 0 if sections > LISTED else 1
    parts = [
        title(r"\chapter", heading((chapter.title,)), chapter.id),
        rf"\addtocontents{{toc}}{{\protect\setcounter{{tocdepth}}{{{listed}}}}}",
    ]
    parts += blocks(chapter.blocks, places, 0)
    for one in chapter.pages:
        parts += [_title(one), *blocks(one.blocks, places, 1)]
    return joined(parts) + "\n"


def _title(page: Page) -> str:
    """A page is a section on a new page, with its permanent id."""
    name = rf"\hfill\normalfont\small \code{{{code(page.id)}}}"
    return title("\\clearpage\n\\section", heading(page.title), page.id, name)


def _places(book: Book) -> list[str]:
    """Every anchor of the book."""
    found = [*(c.id for c in book.chapters), *(p.id for p in pages(book))]
    contents = [*(c.blocks for c in book.chapters), *(p.blocks for p in pages(book))]
    for block in (block for part in contents for block in walk(part)):
        if isinstance(block, Section | Display) and block.id:
            found.append(block.id)
        elif isinstance(block, Terms):
            found += block.ids
    return found
