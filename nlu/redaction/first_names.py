"""Common first names in France, folded: they tell a person from another proper noun."""

# Authored for the project from general knowledge; it is no register of anyone.
FIRST_NAMES_TEXT = """
aaron abdallah abdel abdelkader abderrahmane abdou abdoul abdoulaye achille adam adama adele
adrien agathe agnes agnieszka aicha aime aissatou alain alba alban albert alberte alexandra
alexandre alexis ali alice alicia alienor aline alphonse alphonsine amadou amandine amaury ambre
amelie amina aminata amine anais anastasia anatole andre andree andrew angele angelique anh anissa
anita anna anne annick annie anselme anthony antoine antoinette antonin antonio apolline ariane
arlette armand armelle arnaud arthur assia aubin aude audrey auguste augustin aurelie aurelien awa
axel ayden aymeric aziz bakary baptiste barbara barnabe bastien beatrice beatriz benedicte
benedikte benjamin benoit berangere berenice bernadette bernard bertille bertrand bilal bilel
binta blanche blandine boris boubacar brahima brandon brice brigitte bruno camille capucine carine
carla carlos carmen carole caroline catherine cecile cedric celeste celia celine chaima chantal
charlene charles charline charlotte cheikh chloe christelle christian christiane christine
christophe cindy claire clara clarisse claude claudette claudine clemence clement clementine
clothilde clotilde colette coline colombe come constance coralie corentin corentine corinne
cyprien cyril cyrille damien daniel daniele danielle david delphine denis denise diane didier
diego dimitri diogo djibril dolores dominique domitille dorothee dylan eden edith edmond edouard
edwige elena eleonore eliane elie eliott elisa elisabeth elise ella elliot elodie eloi eloise
elouan elsa emeline emile emilie emily emma emmanuel emmanuela emmanuelle enguerrand enora enzo
eric ernest ernestine erwan erwann esmeralda esteban estelle esther ethan etienne eugene eugenie
eulalie eva evan evangeline eve evelyne ewa ewen fabien fabienne fabrice fadela fadila fanny farah
farid farida fatiha fatima fatou fatoumata faustin faustine felix ferdinand fernand fernande
ferreol filipe fiona firmin flavie flavien flora flore florence florent florentin florian florine
fouad foulques francesco francine francis franck francois francoise frantz frederic frederique
fulbert gabin gabriel gabrielle gael gaelle gaetan gaetane gaspard gaston gauthier genevieve
george georges georgette georgina gerald geraldine gerard germain germaine gerome geronimo
ghislain ghislaine gilbert gilberte gildas gilles ginette ginou giovanni gisele giulia gladys
godefroy goncalo gontran gonzague gonzalo goulven graziella gregoire gregory guenola guilhem
guillaume gustave guy gwenael gwenaelle gwendal gwendoline gwenola gwladys hafida hakim hamza
hanna hans hassan hassane helen helene heloise henri henriette hermine herve hicham hilaire hilda
hippolyte hocine honore honorine hortense houria hubert huberte hugo hugues huguette hussein ibra
ibrahim ibrahima ida idrissa ignace ilan ilias ilona ilyes imane imran ines ingrid irene irina
iris isaac isabelle isaure isidora isidore ismael ismail issa ivan ivana jackie jacqueline jacques
jade jamal jamel james jamila janusz jany jason jean jeanne jeannine jeannot jenna jennifer
jeremie jeremy jerome jerzy jessica jessy jimmy joachim joana joanna joannie joao jocelyne joel
joelle johan johanna john johnny jolene jonas jonathan jordan jordane jorge jose joseph josephine
josette joshua josiane josselin judicael judith juliane julie julien julienne juliette justin
justine kader kadiatou kamal kamel kamila karen karim karima karine karl katarzyna katia kelly
kenny kevin khadidja khadija khady khaled khalid kilian killian krzysztof kylian laetitia laetizia
lamia lamine lana larbi latifa laura laure laurence laurent laurette lauriane laurianne lazare lea
leana leandre leandro leane leila lena lenaic lenny leny leo leon leonard leonardo leonce leonie
leontine leopold leopoldine leslie leyla liam lilian liliana liliane lilou lina linda linh lionel
lisa lise livio loan loane loeiza loic loick lola lorene lorenzo loris louis louise louisette
louison loup luc lucas lucette lucia lucie lucien lucienne lucile ludivine ludmila ludmilla
ludovic ludwig luigi luis luka lya lydia lydiane lydie lylou maddalena maddie madeleine mael
maelle maelyne maelys maeva magali magalie magdalena maia maiwenn malek malick malik malika malo
mamadou manon manuel manuela marc marceau marcel marcelin marcelle marcelline marco marek margaret
margaux margot marguerita marguerite maria mariam mariama marianne maribel marie marielle marilyn
marilyne marine marion marisa marius marjorie marlene marta marthe martial martin martine marwan
mary maryam maryse maryvonne matheo mathias mathieu mathilda mathilde mathis mathys matteo
matthias matthieu maud maurice mauricette mauricio maxence maxime mayline medard mehdi mehmet
melaine melanie melina melissa melodie melvin meriem mia michael michal michel michele micheline
michelle mickael miguel mikael mila milan miloud minh mireille modou mohamed mohammed monika
monique morgane mounir mourad moussa muguette mustapha mylene myriam nabil nabila nadege nadia
nadine nael naima nancy naomi nassim natacha natasha nathalie nathan nawal nawel ndeye nello nelly
nelson nestor nguyen nicolas nicole nils nina nino ninon noa noe noel noelie noelle noemi noemie
noham nolan nolwenn nora norbert nordine nour noureddine oceane octave octavie odette odile oksana
olga olivia olivier omar ondine ophelia ophelie oriane orlando orlane oscar oswald othilie oumar
ousmane pablo pamela paola paolo pascal pascale patrice patricia patricio patrick paul paule
paulette pauline paulo pawel pedro penda perrine peter petra philibert philippe philomene pierre
pierrette pilar piotr priscilla priscille prosper quentin rabah rachel rachid rachida raffaella
raissa ramon rania raoul raphael raphaelle raquel rayan rayane raymond raymonde rebecca reda
regina regine regis remi remy renald renaud rene renee ricardo richard ridha robert roberte robin
robinson roch rodolphe rodrigue roger roland rolande romain romane romeo romuald romy ronald ronan
rosalia rosalie rose roseline rosemonde rosine roxane rozenn ruben rudy ryan sabine sabri sabrina
sabrine sacha safia said salah salif saliha salima salma salome salvatore samantha samia samir
samira samson samuel samy sandra sandrine sara sarah sebastian sebastien selena selma serena serge
sergio severine seydou sharon sibylle sidi sidonie sigolene simeon simon simone sixtine slimane
sofia sofiane soizic solange solene solenne sonia sophie soraya sosthene stan stanislas stanislaw
stephane stephanie stephen steven sully susan suzanne suzette suzy svetlana swann sybille sylvain
sylvaine sylvestre sylvette sylviane sylvie tamara tancrede tangi tanguy tania tarek tarik tatiana
teddy terence teresa tess thais theo theobald theodora theodore theophile theotime therese thibaud
thibault thibaut thierry thomas tiago tifenn timeo timothe timothee tiphaine titouan tom tomasz
tonio tony toufik tristan ugo ulysse urbain ursula valentin valentine valere valeria valeriane
valerie valery vanessa vanina veronique vianney vickie victoire victor victoria vincent vincente
violette virginie viviane vladimir walid wandrille wassim wei wendy wilfrid wilfried william willy
winnie xavier xaviere yacine yael yanis yann yannick yasmina yasmine yaye yazid yoann yohan yohann
yolande youcef younes youssef ysee yseult yvan yves yvette yvon yvonne yvonnick zacharie zahra
zakaria zelie zephyrin zineb zoe zohra zoubida zuzanna
"""
FIRST_NAMES = frozenset(FIRST_NAMES_TEXT.split())
